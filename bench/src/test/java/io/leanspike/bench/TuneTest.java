package io.leanspike.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.cpu.NativeLibrary;
import io.leanspike.backend.cpu.Variant;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.CostModel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tuning measures ends in a file that the planner reads, and the profile of a forward pass runs. */
class TuneTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return Main.run(new PrintStream(printed, true, StandardCharsets.UTF_8), arguments);
    }

    @Test
    void everyKernelIsMeasuredAndWrittenAndNothingIsOverwritten(@TempDir Path directory) throws Exception {
        assumeTrue(NativeLibrary.absence().isEmpty(), () -> NativeLibrary.absence().orElseThrow());
        Path file = directory.resolve("costs.json");
        String[] line = {"tune", "--out", file.toString(), "--shape", "sst2_tiny", "--variants", "scalar", "--rounds", "1"};
        assertEquals(0, run(line), printed.toString(StandardCharsets.UTF_8));
        CostModel costs = CostFile.read(file);
        for (WeightKind kind : new WeightKind[] {WeightKind.F32, WeightKind.I8, WeightKind.TERNARY, WeightKind.BINARY}) {
            for (CpuMatmul kernel : CpuMatmul.values()) {
                boolean is = switch (kind) {
                    case F32, F16 -> kernel == CpuMatmul.FLOATS;
                    case I8 -> kernel == CpuMatmul.BYTES || kernel == CpuMatmul.DOTS;
                    case TERNARY, BINARY -> kernel == CpuMatmul.BYTES || kernel == CpuMatmul.PLANES;
                };
                assertEquals(is, costs.kernels().subList(0, 7).stream().anyMatch(cost -> cost.variant().equals(Variant.SCALAR.toString())
                        && cost.weights() == kind && cost.kernel() == kernel), kind + " " + kernel);
            }
        }
        byte[] before = Files.readAllBytes(file);
        assertEquals(2, run(line));
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    @Test
    void aFitFindsTheCostsThatTimesWereMadeOfAndNoneBelowZero() {
        CostFit fit = new CostFit(3);
        CostFit negative = new CostFit(2);
        for (double rows : new double[] {1, 10, 100}) {
            for (double density : new double[] {0.1, 0.5}) {
                fit.add(5 + rows * (0.25 + 2 * density), 1, rows, rows * density);
                negative.add(10 - 0.01 * rows, 1, rows);
            }
        }
        assertArrayEquals(new double[] {5, 0.25, 2}, fit.costs(), 1e-9);
        assertEquals(0, fit.error(fit.costs()), 1e-9);
        assertEquals(0, negative.costs()[1]);
    }

    @Test
    void theProfileOfAForwardPassNamesEveryOperation(@TempDir Path directory) throws Exception {
        assumeTrue(NativeLibrary.absence().isEmpty(), () -> NativeLibrary.absence().orElseThrow());
        Path json = directory.resolve("forward.jsonl");
        assertEquals(0, run("forward", "--shape", "sst2_tiny", "--layers", "1", "--timesteps", "1,2", "--length", "3", "--threads", "2", "--rounds", "1",
                "--warm-ups", "0", "--sample-seconds", "0", "--weights", "ternary,i8", "--json", json.toString()));
        String text = printed.toString(StandardCharsets.UTF_8);
        for (String operation : new String[] {"spike_encode", "spike_matmul", "spiking_attention", "spike_count", "classifier_head"}) {
            assertTrue(text.contains(operation), text);
        }
        assertEquals(4, Files.readAllLines(json).size());
    }

    @Test
    void theProfileComparesWhatIsLeftOfAModelWithTheWholeOne(@TempDir Path directory) throws Exception {
        assumeTrue(NativeLibrary.absence().isEmpty(), () -> NativeLibrary.absence().orElseThrow());
        Path json = directory.resolve("forward.jsonl");
        String[] line = {"forward", "--shape", "sst2_tiny", "--layers", "1", "--timesteps", "1", "--length", "3", "--threads", "1", "--rounds", "1",
                "--warm-ups", "0", "--sample-seconds", "0", "--json", json.toString(), "--kept-heads", "1,0.5", "--kept-neurons", "1,0.25"};
        assertEquals(0, run(line), printed.toString(StandardCharsets.UTF_8));
        // d = 128, f = 512: 4 d d + 2 d f products a token, of which half the first or a quarter of the second stay.
        List<String> shares = Files.readAllLines(json).stream().map(text -> JsonParser.parseString(text).getAsJsonObject())
                .filter(row -> row.has("of_unpruned_time")).map(row -> "%.4f".formatted(row.get("of_unpruned_products").getAsDouble())).toList();
        assertEquals(List.of("0.5000", "0.8333", "0.3333"), shares);
        assertEquals(2, run("forward", "--kept-heads", "0"));
    }
}
