package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.tensor.TernaryMatrix;
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

/** The bundled model is what it is said to be: small, spiking for two timesteps, with ternary matrices, and as good as its README says. */
class BundledModelTest {
    @TempDir
    Path folder;

    @Test
    void isAtMostEightMegabytes() throws IOException {
        try (BundledFiles bundled = new BundledFiles()) {
            long bytes = 0;
            for (Path file : Files.list(bundled.model()).toList()) {
                bytes += Files.size(file);
            }
            assertTrue(bytes <= 8_000_000, bytes + " bytes");
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
    void hasTernaryMatricesAndFewTimesteps() {
        try (BundledFiles bundled = new BundledFiles(); Checkpoint checkpoint = Checkpoint.open(bundled.model())) {
            assertEquals(List.of(4, 4, 2, 2), checkpoint.config().spiking().timesteps());
            for (LayerWeights layer : checkpoint.weights().layers()) {
                for (LinearWeights linear : List.of(layer.query(), layer.key(), layer.value(), layer.attentionOutput(),
                        layer.intermediate(), layer.output())) {
                    assertInstanceOf(TernaryMatrix.class, linear.weight());
                }
            }
        }
    }

    /** 768 of the 872 sentences of SST-2 dev: 88.1 %. A spike within rounding of the threshold may fall otherwise on another processor. */
    @Test
    void isAsGoodAsItIsSaidToBe() throws IOException {
        Path data = SharedFolder.of("data/glue/SST-2");
        Path json = folder.resolve("r.json");
        Invocation.of("eval", "--task", "SST-2", "--data", data, "--json", json).fine();
        double accuracy = JsonParser.parseString(Files.readString(json)).getAsJsonObject().getAsJsonObject("metrics")
                .get("accuracy").getAsDouble();
        assertEquals(768, Math.round(accuracy * 872), 2);
    }
}
