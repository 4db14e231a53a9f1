package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a kill and a full disk leave of a search and of a model that is being written. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class SearchProcessTest {
    /** Blocks of 1024 bytes that a file may grow to: enough for some evaluations, not for a search. */
    private static final int SMALL_DISK = 24;

    @TempDir
    Path folder;

    private SmallSearch small;
    private Path whole;

    @BeforeEach
    void searchUninterrupted() {
        small = SmallSearch.in(folder);
        whole = folder.resolve("whole");
        small.run(whole).fine();
    }

    @Test
    void aKilledSearchGoesOnToTheSameResult() throws Exception {
        for (int lines : new int[] {2, 9, 17}) {
            Path out = folder.resolve("killed" + lines);
            Process process = java(List.of(), small.arguments(out)).start();
            while (process.isAlive() && lines(out) < lines) {
                Thread.sleep(5);
            }
            process.destroyForcibly().waitFor();
            assertFalse(Files.exists(out.resolve("search.json")), "killed before it ended");
            small.run(out, "--resume").fine();
            assertSameResult(out);
        }
    }

    @Test
    void aSearchThatAFullDiskEndedSaysSoAndGoesOnToTheSameResult() throws Exception {
        Path out = folder.resolve("full");
        assertEquals(2, limited(small.arguments(out)).waitFor(), this::err);
        assertTrue(err().contains("evaluations.jsonl cannot be written") && err().contains("are safe"), this::err);
        assertTrue(lines(out) > 1, "some evaluations were kept");
        small.run(out, "--resume").fine();
        assertSameResult(out);
    }

    @Test
    void aFullDiskLeavesNoModelAndNothingHalfWritten() throws Exception {
        Path out = folder.resolve("models/made");
        Files.createDirectories(out.getParent());
        String[] apply = {"compress", "apply", "--search", whole.toString(), "--point", "1", "--out", out.toString()};
        assertEquals(2, limited(apply).waitFor(), this::err);
        assertTrue(err().contains("cannot be written"), this::err);
        try (Stream<Path> left = Files.list(out.getParent())) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void aSearchThatIsRunningCannotBeJoinedOrDeletedByAnother() throws Exception {
        Path out = folder.resolve("running");
        Process process = java(List.of(), small.arguments(out, "--generations", 400)).start();
        try {
            while (process.isAlive() && lines(out) < 3) {
                Thread.sleep(5);
            }
            small.run(out, "--resume").refused("in use");
            small.run(out, "--force").refused("in use");
            assertTrue(process.isAlive() && lines(out) >= 3, this::err);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private void assertSameResult(Path out) throws IOException {
        for (String name : new String[] {"search.json", "search.csv", "evaluations.jsonl"}) {
            assertEquals(-1, Files.mismatch(whole.resolve(name), out.resolve(name)), name);
        }
    }

    private static long lines(Path out) throws IOException {
        Path journal = out.resolve("evaluations.jsonl");
        return Files.exists(journal) ? Files.readString(journal).lines().count() : 0;
    }

    private static List<String> command(List<String> before, String... arguments) {
        List<String> command = new ArrayList<>(before);
        // Without UsePerfData the JVM itself writes no file that the limit meets.
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "-XX:-UsePerfData", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private ProcessBuilder java(List<String> before, String... arguments) {
        return new ProcessBuilder(command(before, arguments)).redirectError(folder.resolve("err").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    /** With the kernel's limit on the size of a file, which fails a write as a full disk does. */
    private Process limited(String... arguments) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "skipped: this system has no /bin/bash");
        return java(List.of("/bin/bash", "-c", "ulimit -f " + SMALL_DISK + "; exec \"$@\"", "limited"), arguments).start();
    }

    private String err() {
        try {
            return Files.readString(folder.resolve("err"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
