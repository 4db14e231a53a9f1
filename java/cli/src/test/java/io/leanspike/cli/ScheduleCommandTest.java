package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.model.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleCommandTest {
    @TempDir
    Path folder;

    @Test
    void theScheduleFoundIsWhatTheNewModelRunsWith() throws Exception {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        // A budget of everything: all layers come down to one timestep.
        String said = Invocation.of("compress", "schedule", "--model", model, "--out", out, "--start", 3, "--budget", 100, "--limit", 6)
                .fine().out();
        assertTrue(said.contains("T = [3, 3], mean 3.00"), said);
        try (Checkpoint made = Checkpoint.open(out)) {
            assertEquals(List.of(1, 1), made.config().spiking().timesteps());
        }
        assertEquals(-1, Files.mismatch(model.resolve("model.safetensors"), out.resolve("model.safetensors")));
    }

    @Test
    void populationsMayGetNeuronsOfTheirOwn() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        String said = Invocation.of("compress", "schedule", "--model", model, "--out", out, "--start", 4, "--budget", 20, "--limit", 8,
                "--calibrate").fine().out();
        assertTrue(said.contains("with neurons of their own in"), said);
        try (Checkpoint made = Checkpoint.open(out)) {
            assertEquals(said.contains(": kept"), !made.config().spiking().populations().isEmpty());
        }
        String table = Invocation.of("compress", "inspect", "--model", out).fine().out();
        assertEquals(said.contains(": kept"), table.contains(": threshold "), table);
        Invocation.of("compress", "diff", model, out).fine();
    }

    @Test
    void mistakesAreNamedAndNothingIsWritten() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        Invocation.of("compress", "schedule", "--model", model, "--out", out, "--start", 0).refused("--start", "at least 1");
        Invocation.of("compress", "schedule", "--model", model, "--out", out, "--budget", -1).refused("--budget", "-1");
        Invocation.of("compress", "schedule", "--model", model, "--out", out, "--tolerance", -1).refused("--tolerance", "-1");
        assertFalse(Files.exists(out));
    }
}
