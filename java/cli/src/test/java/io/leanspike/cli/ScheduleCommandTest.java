package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.model.Checkpoint;
import io.leanspike.model.NeuronSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
    void timestepsThatAreGivenAreWritten() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        Invocation.of("compress", "schedule", "--model", model, "--out", out, "--timesteps", "4,2").fine();
        try (Checkpoint made = Checkpoint.open(out); Checkpoint before = Checkpoint.open(model)) {
            assertEquals(List.of(4, 2), made.config().spiking().timesteps());
            assertEquals(before.config().spiking().initialPotential(), made.config().spiking().initialPotential());
        }
        Invocation.of("compress", "schedule", "--model", model, "--out", out, "--force", "--timesteps", "4,2,2").refused("4,2,2");
        for (String other : new String[] {"--calibrate", "--start=2", "--budget=1", "--tolerance=0.1", "--task=SST-2", "--limit=5"}) {
            Invocation.of("compress", "schedule", "--model", model, "--out", out, "--force", "--timesteps", "2", other)
                    .refused("leave " + other.split("=")[0] + " out");
        }
    }

    @Test
    void theSearchBeginsAtTheModelsOwnTimesteps() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        String said = Invocation.of("compress", "schedule", "--model", model, "--out", folder.resolve("out"), "--limit", 3,
                "--tolerance", 0, "--budget", 0).fine().out();
        assertTrue(said.contains("T = [16, 16], mean 16.0, initial potential 0.5"), said);
    }

    /** Without an initial potential the model answers the same to everything at T = 2. */
    @Test
    void anotherInitialPotentialHasToBeBetterByMoreThanChance() {
        Path model = BrokenModel.copy(folder.resolve("model")).edit("config.json", json ->
                json.replace("\"initial_potential\": 0.5", "\"initial_potential\": 0.0")).folder();
        for (int examples : new int[] {6, 60}) {
            Path out = folder.resolve("out" + examples);
            Invocation.of("compress", "schedule", "--model", model, "--out", out, "--start", 2, "--limit", examples).fine();
            try (Checkpoint made = Checkpoint.open(out)) {
                assertEquals(examples == 60, made.config().spiking().initialPotential() > 0, examples + " examples");
            }
        }
    }

    /** At T = 16 the potentials are alike; it is what they let the layers do with less that tells them apart. */
    @Test
    void roundingIsTakenWhereItLetsTheLayersGoLower() {
        Path model = BrokenModel.copy(folder.resolve("model")).edit("config.json", json ->
                json.replace("\"initial_potential\": 0.5", "\"initial_potential\": 0.0")).folder();
        Path out = folder.resolve("out");
        String said = Invocation.of("compress", "schedule", "--model", model, "--out", out, "--limit", 40, "--budget", 5).fine().out();
        try (Checkpoint made = Checkpoint.open(out)) {
            assertEquals(0.5, made.config().spiking().initialPotential(), said);
            assertTrue(made.config().spiking().timesteps().stream().allMatch(timesteps -> timesteps <= 8), said);
        }
        assertTrue(said.contains("taken: T = ["), said);
    }

    @Test
    void neuronsThatTheModelHadStayAsTheyWereScored() {
        Path model = BrokenModel.copy(folder.resolve("model")).edit("config.json", json -> json.replace("\"leak\": 1.0",
                "\"leak\": 1.0, \"populations\": {\"layer.0.key\": {\"threshold\": 0.9, \"initial_potential\": 0.25}}")).folder();
        Path out = folder.resolve("out");
        Invocation.of("compress", "schedule", "--model", model, "--out", out, "--start", 2, "--limit", 3).fine();
        try (Checkpoint made = Checkpoint.open(out)) {
            assertEquals(Map.of("layer.0.key", new NeuronSettings(0.9, 0.25)), made.config().spiking().populations());
        }
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
