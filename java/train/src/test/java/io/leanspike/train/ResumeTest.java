package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training that was killed and resumed ends with the bytes of one that was not. */
class ResumeTest {
    private static final int WORDS = 30;

    @TempDir
    private Path folder;

    @BeforeEach
    void texts() throws Exception {
        RandomEncoder.write(folder.resolve("random"), 32, 4, 2, WORDS, 3);
        SyntheticReviews.write(folder, WORDS, 2000, 100, 4);
    }

    @ParameterizedTest
    @CsvSource({
        "teacher --task SST-2 --data DIR --from DIR/random --epochs 4, model.safetensors",
        "general --data DIR --from DIR/random --epochs 2 --forward rates --averaging 0.99, training/best.safetensors",
        "student --task SST-2 --data DIR --teacher DIR/random --epochs 2 --timesteps 2 --prune-heads 0.5 --prune-neurons 0.5, model.safetensors"})
    void killedAndResumedEqualsUninterrupted(String line, String model) throws Exception {
        Process whole = start(line, "whole");
        assertTrue(whole.waitFor(120, TimeUnit.SECONDS));
        assertEquals(0, whole.exitValue());

        Process killed = start(line, "parts");
        Path state = folder.resolve("parts/training/state.safetensors");
        while (killed.isAlive() && !Files.exists(state)) {
            killed.waitFor(5, TimeUnit.MILLISECONDS);
        }
        killed.destroyForcibly().waitFor();
        assertTrue(killed.exitValue() != 0, "the training ended before it was killed");
        Process resumed = start(line + " --resume", "parts");
        assertTrue(resumed.waitFor(120, TimeUnit.SECONDS));
        assertEquals(0, resumed.exitValue());

        assertEquals(Files.readString(folder.resolve("whole/training/metrics.jsonl")),
                Files.readString(folder.resolve("parts/training/metrics.jsonl")));
        for (String file : List.of(model, "training/state.safetensors")) {
            assertArrayEquals(Files.readAllBytes(folder.resolve("whole").resolve(file)),
                    Files.readAllBytes(folder.resolve("parts").resolve(file)), file);
        }
    }

    /** Ctrl-C, and what init systems send: the step is ended, the state saved, and nothing crashes. */
    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void aSignalEndsATrainingWithItsStateSaved(String signal, int code) throws Exception {
        String line = "teacher --task SST-2 --data DIR --from DIR/random --epochs 4";
        Process whole = start(line, "whole");
        assertTrue(whole.waitFor(120, TimeUnit.SECONDS));

        Path metrics = folder.resolve("parts/training/metrics.jsonl");
        // Where tests run in the background, Ctrl-C may be switched off for all that they start.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=" + signal));
        command.addAll(command(line, "parts"));
        Process stopped = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("parts.log").toFile())
                .start();
        while (stopped.isAlive() && !(Files.exists(metrics) && Files.size(metrics) > 0)) {
            stopped.waitFor(5, TimeUnit.MILLISECONDS);
        }
        assertEquals(0, new ProcessBuilder("kill", "-" + signal, Long.toString(stopped.pid())).start().waitFor());
        assertTrue(stopped.waitFor(60, TimeUnit.SECONDS));
        String log = Files.readString(folder.resolve("parts.log"));
        assertEquals(code, stopped.exitValue(), log);
        assertTrue(log.contains("--resume continues"), log);

        Process resumed = start(line + " --resume", "parts");
        assertTrue(resumed.waitFor(120, TimeUnit.SECONDS));
        assertEquals(0, resumed.exitValue());
        assertEquals(Files.readString(folder.resolve("whole/training/metrics.jsonl")), Files.readString(metrics));
        assertArrayEquals(Files.readAllBytes(folder.resolve("whole/model.safetensors")),
                Files.readAllBytes(folder.resolve("parts/model.safetensors")));
    }

    /** A file that cannot grow, as on a full disk: the message names it, and no more is lost than was done since the last state. */
    @Test
    void aFullDiskLosesNoMoreThanTheLastInterval() throws Exception {
        String line = "teacher --task SST-2 --data DIR --from DIR/random --epochs 4";
        Process whole = start(line, "whole");
        assertTrue(whole.waitFor(120, TimeUnit.SECONDS));

        Path state = folder.resolve("parts/training/state.safetensors");
        Process first = start(line, "parts");
        while (first.isAlive() && !Files.exists(state)) {
            first.waitFor(5, TimeUnit.MILLISECONDS);
        }
        first.destroyForcibly().waitFor();
        byte[] before = Files.readAllBytes(state);

        List<String> limited = new ArrayList<>(
                List.of("bash", "-c", "ulimit -f %d; exec \"$@\"".formatted(before.length / 2048), "limited"));
        limited.addAll(command(line + " --resume", "parts"));
        Process full = new ProcessBuilder(limited).redirectErrorStream(true).redirectOutput(folder.resolve("full.log").toFile()).start();
        assertTrue(full.waitFor(120, TimeUnit.SECONDS));
        String log = Files.readString(folder.resolve("full.log"));
        assertEquals(2, full.exitValue(), log);
        assertTrue(log.contains("cannot be written"), log);
        assertArrayEquals(before, Files.readAllBytes(state));
        try (Stream<Path> files = Files.list(state.getParent())) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")), "half a file stays");
        }

        Process resumed = start(line + " --resume", "parts");
        assertTrue(resumed.waitFor(120, TimeUnit.SECONDS));
        assertArrayEquals(Files.readAllBytes(folder.resolve("whole/model.safetensors")),
                Files.readAllBytes(folder.resolve("parts/model.safetensors")));
    }

    private Process start(String line, String out) throws Exception {
        return new ProcessBuilder(command(line, out)).redirectErrorStream(true).redirectOutput(new File(folder.toFile(), out + ".log"))
                .start();
    }

    private List<String> command(String line, String out) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Xmx512m", "-cp", System.getProperty("java.class.path"),
                        TrainCommand.class.getName()));
        command.addAll(List.of(line.replace("DIR", folder.toString()).split(" ")));
        command.addAll(List.of("--out", folder.resolve(out).toString(), "--evaluations", "2", "--checkpoint-seconds", "0.2"));
        return command;
    }
}
