package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A command line run inside the test, and what it answered. */
record Invocation(String command, int exitCode, String out, String err) {

    static Invocation of(Object... arguments) {
        return withInput(new byte[0], arguments);
    }

    static Invocation withInput(byte[] input, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter err = new StringWriter();
        String[] texts = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        Streams streams = new Streams(new ByteArrayInputStream(input), out, new PrintWriter(err, true), descriptor -> false, false);
        int exitCode = Main.run(streams, texts);
        return new Invocation(String.join(" ", texts), exitCode, out.toString(StandardCharsets.UTF_8), err.toString());
    }

    /** Fails the test unless all went well. */
    Invocation fine() {
        assertEquals(0, exitCode, () -> command + "\n" + err);
        return this;
    }

    /** Fails the test unless it ended as a user's mistake should: exit code 2, one line that says all of {@code parts}, no result. */
    Invocation refused(String... parts) {
        assertEquals(2, exitCode, () -> command + "\n" + err);
        List<String> lines = err.lines().filter(line -> !line.startsWith("leanspike: backend reference (slow)")).toList();
        assertEquals(1, lines.size(), () -> "one line on standard error, not\n" + err);
        assertEquals("leanspike: ", lines.getFirst().substring(0, 11));
        for (String part : parts) {
            assertEquals(true, lines.getFirst().contains(part), () -> "'%s' does not say '%s'".formatted(lines.getFirst(), part));
        }
        return this;
    }

    List<String> lines() {
        return out.lines().toList();
    }
}
