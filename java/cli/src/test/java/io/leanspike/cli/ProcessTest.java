package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own shows: exit codes, pipes, standard error, and what is left behind. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ProcessTest {
    @TempDir
    Path folder;

    @Test
    void evaluationLeavesNothingBehind() throws Exception {
        Process process = start(List.of(), "eval", "--limit", "3", "--timesteps", "2");
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), this::err);
        assertTrue(out.contains("accuracy"), out);
        assertEquals(List.of("err"), names(folder));
    }

    @Test
    void mistakeIsOneLineAndExitCodeTwo() throws Exception {
        Process process = start(List.of(), "eval", "--model", "nowhere");
        assertEquals(0, process.getInputStream().readAllBytes().length);
        assertEquals(2, process.waitFor());
        assertEquals("leanspike: nowhere does not exist; name a model folder with config.json and model.safetensors\n", err());
    }

    @Test
    void closedPipeEndsQuietly() throws Exception {
        Process process = start(List.of(), "classify", "--timesteps", "1", "--batch", "1");
        try (OutputStream lines = process.getOutputStream()) {
            lines.write("a fine film\n".getBytes(StandardCharsets.UTF_8));
            lines.flush();
            try (BufferedReader answers = process.inputReader(StandardCharsets.UTF_8)) {
                assertTrue(answers.readLine().startsWith("{"));
            }
            lines.write("another fine film\n".getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(0, process.waitFor(), this::err);
        assertEquals(List.of(), messages());
    }

    @Test
    void fullDiskIsToldInOneLine() throws Exception {
        Assumptions.assumeTrue(new File("/dev/full").exists(), "skipped: this system has no /dev/full");
        Process process = builder(List.of(), "classify", "--timesteps", "1", "good").redirectOutput(new File("/dev/full")).start();
        assertEquals(2, process.waitFor());
        assertEquals(1, messages().size(), this::err);
        assertTrue(messages().getFirst().startsWith("leanspike: standard output cannot be written"), this::err);
    }

    @Test
    void outOfMemoryIsAClearSentence() throws Exception {
        Process process = start(List.of("-Xmx32m"), "eval", "--backend", "reference", "--batch", "60", "--timesteps", "4096");
        process.getInputStream().readAllBytes();
        assertEquals(1, process.waitFor(), this::err);
        assertEquals(1, messages().size(), this::err);
        assertTrue(messages().getFirst().contains("out of memory"), this::err);
        assertEquals(List.of("err"), names(folder));
    }

    private Process start(List<String> javaOptions, String... arguments) throws IOException {
        return builder(javaOptions, arguments).start();
    }

    private ProcessBuilder builder(List<String> javaOptions, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + folder, "-cp", System.getProperty("java.class.path")));
        command.addAll(javaOptions);
        command.add(Main.class.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
    }

    private List<String> messages() {
        return err().lines().filter(line -> !line.startsWith("leanspike: backend reference (slow)")).toList();
    }

    private String err() {
        try {
            return Files.readString(folder.resolve("err"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        return Files.list(folder).map(file -> file.getFileName().toString()).sorted().toList();
    }
}
