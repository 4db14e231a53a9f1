package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizeCommandTest {
    @TempDir
    Path folder;

    @Test
    void aQuantizedModelStaysAsItIs() throws IOException {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--embeddings", 8).fine();
        assertEquals(-1, Files.mismatch(model.resolve("model.safetensors"), out.resolve("model.safetensors")));
        assertEquals(-1, Files.mismatch(model.resolve("config.json"), out.resolve("config.json")));
    }

    @Test
    void correctedModelsRun() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        for (String what : new String[] {"bias", "scale"}) {
            Path out = folder.resolve(what);
            Invocation.of("compress", "quantize", "--model", model, "--out", out, "--weights", 1.58, "--correct", what, "--timesteps", 2,
                    "--initial-potential", 0.5, "--limit", 8).fine();
            Invocation.of("eval", "--model", out, "--limit", 4).fine();
        }
        Path out = folder.resolve("out");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--weights", 1, "--correct", "all").refused("'all'",
                "bias or scale");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--embeddings", 8, "--correct", "bias").refused("--weights");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--weights", 1, "--timesteps", 2).refused("--correct");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--weights", 1, "--limit", 2).refused("--correct", "--limit");
        assertFalse(Files.exists(out));
    }

    @Test
    void existingFilesAreNotTouched() throws IOException {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = Files.createDirectory(folder.resolve("out"));
        Files.writeString(out.resolve("precious.txt"), "keep");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--embeddings", 8).refused(out.toString(), "not empty");
        assertEquals(1, Files.list(out).count());
    }

    @Test
    void otherWidthsAndMissingModelsAreRefused() {
        Path out = folder.resolve("out");
        Invocation.of("compress", "quantize", "--model", folder, "--out", out, "--embeddings", 4).refused("--embeddings 4", "8 bits");
        Invocation.of("compress", "quantize", "--model", folder, "--out", out, "--weights", 2).refused("--weights 2", "1.58");
        Invocation.of("compress", "quantize", "--model", folder, "--out", out).refused("nothing to do");
        Invocation.of("compress", "quantize", "--model", folder.resolve("no"), "--out", out, "--embeddings", 8).refused("does not exist");
        Invocation.of("compress", "quantize", "--model", folder).refused("--out", "leanspike compress quantize --help");
        assertFalse(Files.exists(out));
    }

    /** The original is right 707 times at T = 16. The small model that these tests use is what this makes of it. */
    @Test
    void embeddingsOf8BitsCostNothing() throws IOException {
        Path original = SharedFolder.of("models/sst2-tiny");
        Path data = SharedFolder.of("data/glue/SST-2");
        Path made = folder.resolve("made");
        Invocation.of("compress", "quantize", "--model", original, "--out", made, "--embeddings", 8).fine();
        Path small = BrokenModel.copy(folder.resolve("small")).folder();
        for (String name : List.of("model.safetensors", "vocab.txt")) {
            assertEquals(-1, Files.mismatch(made.resolve(name), small.resolve(name)), name);
        }
        for (double initialPotential : new double[] {0, 0.5}) {
            Path json = folder.resolve(initialPotential + ".json");
            Invocation.of("eval", "--model", made, "--task", "SST-2", "--data", data, "--initial-potential", initialPotential,
                    "--json", json).fine();
            double accuracy = JsonParser.parseString(Files.readString(json)).getAsJsonObject().getAsJsonObject("metrics")
                    .get("accuracy").getAsDouble();
            assertEquals(707, Math.round(accuracy * 872), 2);
        }
    }
}
