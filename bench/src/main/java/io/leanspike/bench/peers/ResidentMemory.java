package io.leanspike.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What the operating system says this process holds in memory, in bytes (Linux: proc(5)). */
final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path RESET = Path.of("/proc/self/clear_refs");

    private ResidentMemory() {}

    static boolean isKnown() {
        return Files.isReadable(STATUS);
    }

    static long now() {
        return line("VmRSS:").orElseThrow();
    }

    /** The most so far, or since {@link #forgetPeak}. */
    static long peak() {
        return line("VmHWM:").orElseThrow();
    }

    /** Where the system does not let a process do this, the peak stays. */
    static void forgetPeak() {
        try {
            Files.writeString(RESET, "5");
        } catch (IOException e) {
            // The peak since the start is what is left to report.
            return;
        }
    }

    private static OptionalLong line(String name) {
        try {
            return Files.readAllLines(STATUS).stream().filter(line -> line.startsWith(name))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))).findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
