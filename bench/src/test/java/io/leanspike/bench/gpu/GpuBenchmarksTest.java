package io.leanspike.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.backend.cuda.CudaDriver;
import io.leanspike.bench.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks of CUDA kernels, on the smallest shape and the software GPU. */
class GpuBenchmarksTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeAll
    static void needsKernels() {
        Optional<String> absence = CudaDriver.absence(true);
        assumeTrue(absence.isEmpty(), () -> "CUDA kernels cannot run here: " + absence.get());
    }

    private int run(String... arguments) {
        return Main.run(new PrintStream(printed, true, StandardCharsets.UTF_8), arguments);
    }

    private static List<JsonObject> lines(Path file) throws Exception {
        return Files.readAllLines(file).stream().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    @Test
    void everyKernelOfAForwardPassIsCounted(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("kernels.jsonl");
        assertEquals(0, run("kernels", "--shape", "sst2_tiny", "--length", "5", "--timesteps", "3", "--densities", "twenty_percent",
                "--weights", "f32,ternary", "--json", json.toString()));
        List<JsonObject> lines = lines(json);
        Set<String> operations = lines.stream().map(line -> line.get("operation").getAsString().split(" ")[0]).collect(Collectors.toSet());
        assertEquals(Set.of("spike_encode", "spike_matmul", "spike_gather_matmul", "spiking_attention", "spike_count", "synapse_count",
                "spike_retime", "membrane_update", "classifier_head"), operations);
        for (JsonObject line : lines) {
            String kernel = line.get("kernel").getAsString();
            JsonObject counters = line.getAsJsonObject("counters");
            assertEquals(1, counters.get("launches").getAsInt(), kernel);
            assertTrue(counters.get("warp_instructions").getAsLong() > 0, kernel);
            assertTrue(line.get("device").getAsString().contains("software GPU"), kernel);
            if (kernel.startsWith("spike_matmul")) {
                assertTrue(counters.get("matrix_share").getAsDouble() > 0, kernel);
            }
        }
        assertTrue(lines.stream().anyMatch(line -> line.get("kernel").getAsString().startsWith("norm_membrane")), "the second launch of a split product");
        // Of float32 weights; LayerNorms have launches of their own.
        assertTrue(printed.toString(StandardCharsets.UTF_8)
                .contains("launches an encoder layer: 8, and 1 of synapse_count for ternary weights, aim at most 6: missed"));
    }

    @Test
    void aLayerOfOneBitWeightsTakesSixLaunches() {
        assertEquals(0, run("kernels", "--shape", "sst2_tiny", "--length", "5", "--timesteps", "1", "--densities", "five_percent", "--weights", "ternary"));
        assertTrue(printed.toString(StandardCharsets.UTF_8)
                .contains("launches an encoder layer: 6, and 1 of synapse_count for ternary weights, aim at most 6: reached"));
    }

    @Test
    void countsAreTheSameEachTime(@TempDir Path folder) throws Exception {
        for (String name : List.of("once", "again")) {
            run("kernels", "--shape", "sst2_tiny", "--length", "5", "--timesteps", "2", "--densities", "five_percent", "--weights", "binary",
                    "--json", folder.resolve(name).toString());
        }
        assertEquals(lines(folder.resolve("once")).stream().map(line -> line.get("counters")).toList(),
                lines(folder.resolve("again")).stream().map(line -> line.get("counters")).toList());
    }

    @Test
    void aRehearsalChecksEveryKernelAndTimesEverything(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("gpu.jsonl");
        assertEquals(0, run("gpu", "--device", "soft", "--shape", "sst2_tiny", "--length", "4", "--checked-length", "5", "--batches", "2",
                "--timesteps", "3", "--weights", "f32,i8", "--samples", "1", "--warm-ups", "0", "--json", json.toString()),
                () -> printed.toString(StandardCharsets.UTF_8));
        String text = printed.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("a rehearsal; its times mean nothing"), text);
        assertFalse(text.contains("DISAGREES"), text);
        List<JsonObject> lines = lines(json);
        assertEquals(Set.of("check", "ceilings", "kernel", "forward"),
                lines.stream().map(line -> line.get("what").getAsString()).collect(Collectors.toSet()));
        for (JsonObject line : lines) {
            if (line.get("what").getAsString().equals("check")) {
                assertTrue(line.getAsJsonObject("agreement").get("spikes").getAsLong() > 0, line.toString());
            }
        }
    }

    @Test
    void withoutAGpuItSaysSoInOneLine() {
        assertEquals(2, run("gpu"));
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
        assertEquals(2, run("kernels", "--device", "0"));
    }
}
