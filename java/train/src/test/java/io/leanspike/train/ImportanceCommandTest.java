package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.compress.ImportanceFile;
import io.leanspike.compress.LayerKeep;
import io.leanspike.compress.PruningPlan;
import io.leanspike.compress.UnitImportance;
import io.leanspike.model.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportanceCommandTest {
    @TempDir
    private Path folder;
    private String message = "";

    @BeforeEach
    void aSpikingModelAndItsTask() throws Exception {
        RandomEncoder.write(folder.resolve("model"), 16, 2, 2, 30, 3);
        SyntheticReviews.write(folder, 30, 20, 5, 4);
        spiking("{\"timesteps\": 4, \"threshold\": 1, \"leak\": 1, \"initial_potential\": 0.5}");
    }

    private void spiking(String json) throws Exception {
        Path file = folder.resolve("model/config.json");
        JsonObject config = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        config.add("spiking", JsonParser.parseString(json));
        Files.writeString(file, config.toString());
    }

    private int run(String line) {
        TrainLine done = TrainLine.run(folder, line);
        message = done.message();
        return done.code();
    }

    @Test
    void theScoresAreThoseThatPruningReads() {
        assertEquals(0, run("importance --model DIR/model --task SST-2 --data DIR --out DIR/scores.safetensors"), message);
        try (Checkpoint model = Checkpoint.open(folder.resolve("model"))) {
            List<UnitImportance> importance = ImportanceFile.read(folder.resolve("scores.safetensors"), model.config());
            assertTrue(importance.getFirst().neurons()[0] >= 0 && Arrays.stream(importance.getFirst().neurons()).sum() > 0);
            List<LayerKeep> keeps = new PruningPlan(0.5, 0, 0, 0.5, PruningPlan.Allocation.GLOBAL).choose(model.config(), importance);
            assertEquals(2, keeps.stream().mapToInt(keep -> keep.heads().size()).sum());
        }
    }

    @Test
    void mistakesAreNamed() throws Exception {
        refused("importance --model DIR/nothing --task SST-2 --data DIR --out DIR/s", "nothing");
        refused("importance --model DIR/model --task STS-B --data DIR/SST-2 --out DIR/s", "STS-B");
        refused("importance --model DIR/model --task SST-2 --data DIR --batch 0 --out DIR/s", "--batch");
        refused("importance --model DIR/model --task SST-2 --data DIR --out DIR/model", "exists");
        spiking("{\"timesteps\": 4, \"threshold\": 0.5, \"leak\": 1}");
        refused("importance --model DIR/model --task SST-2 --data DIR --out DIR/s", "threshold 0.5");
    }

    private void refused(String line, String named) {
        assertEquals(2, run(line), message);
        assertTrue(message.contains(named), message);
        assertEquals(1, message.strip().lines().count(), message);
    }
}
