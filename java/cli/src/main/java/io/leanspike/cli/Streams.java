package io.leanspike.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * Where a command reads and writes.
 *
 * @param isTerminal answers for {@link #STANDARD_INPUT} and {@link #STANDARD_ERROR} whether a person sits there
 * @param unicode whether the terminal shows characters beyond ASCII
 */
record Streams(InputStream in, OutputStream out, PrintWriter err, Predicate<Integer> isTerminal, boolean unicode) {
    static final int STANDARD_INPUT = 0;
    static final int STANDARD_ERROR = 2;

    static Streams ofProcess() {
        // Not System.out: it hides a closed pipe and a full disk.
        return new Streams(System.in, new FileOutputStream(FileDescriptor.out), new PrintWriter(System.err, true),
                Terminal::isTerminal, StandardCharsets.UTF_8.name().equalsIgnoreCase(System.getProperty("stdout.encoding")));
    }

    boolean isTerminal(int descriptor) {
        return isTerminal.test(descriptor);
    }
}
