package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bundled model is what it is said to be: sst2-tiny after {@code compress quantize}, small, and as good as before. */
class BundledModelTest {
    @TempDir
    Path folder;

    @Test
    void isAtMostSevenMegabytes() throws IOException {
        try (BundledFiles bundled = new BundledFiles()) {
            long bytes = 0;
            for (Path file : Files.list(bundled.model()).toList()) {
                bytes += Files.size(file);
            }
            assertTrue(bytes <= 7_000_000, bytes + " bytes");
        }
    }

    @Test
    void isUnpackedForItsOwnerAloneAndRemoved() throws IOException {
        Path unpacked;
        try (BundledFiles bundled = new BundledFiles()) {
            unpacked = bundled.model();
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(unpacked)));
        }
        assertFalse(Files.exists(unpacked));
    }

    @Test
    void sampleIsHalfPositive() {
        try (BundledFiles bundled = new BundledFiles()) {
            List<GlueExample> sample = GlueReader.read(GlueTask.SST_2, bundled.sample());
            assertEquals(60, sample.size());
            assertEquals(30, sample.stream().filter(example -> example.gold() == 1).count());
        }
    }

    @Test
    void isTheOriginalQuantized() throws IOException {
        Path original = SharedFolder.of("models/sst2-tiny");
        Path made = folder.resolve("made");
        Invocation.of("compress", "quantize", "--model", original, "--out", made, "--embeddings", 8).fine();
        try (BundledFiles bundled = new BundledFiles()) {
            for (String name : List.of("model.safetensors", "vocab.txt")) {
                assertEquals(-1, Files.mismatch(made.resolve(name), bundled.model().resolve(name)), name);
            }
            assertEquals(Files.readString(made.resolve("config.json")),
                    Files.readString(bundled.model().resolve("config.json")).replace(",\n  \"initial_potential\": 0.5", ""));
        }
    }

    /** The original is right 707 times at T = 16. */
    @ParameterizedTest(name = "initial potential {0}")
    @ValueSource(doubles = {0, 0.5})
    void isAsGoodAsTheOriginal(double initialPotential) throws IOException {
        Path data = SharedFolder.of("data/glue/SST-2");
        Path json = folder.resolve("r.json");
        Invocation.of("eval", "--task", "SST-2", "--data", data, "--initial-potential", initialPotential, "--json", json).fine();
        double accuracy = JsonParser.parseString(Files.readString(json)).getAsJsonObject().getAsJsonObject("metrics")
                .get("accuracy").getAsDouble();
        assertEquals(707, Math.round(accuracy * 872), 2);
    }
}
