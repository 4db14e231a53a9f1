package io.leanspike.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.cpu.Variant;
import io.leanspike.error.InvalidInputException;
import io.leanspike.tensor.BitPlane;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels are chosen by the costs that a file says, and a file that says nonsense is refused. */
class CostModelTest {
    private static final KernelCost BYTES = new KernelCost("v", WeightKind.TERNARY, CpuMatmul.BYTES, 10, 0.1, 2);
    private static final KernelCost PLANES = new KernelCost("v", WeightKind.TERNARY, CpuMatmul.PLANES, 1, 0.7, 0);
    private static final CostModel COSTS = new CostModel(1 << 20, List.of(BYTES, PLANES));

    private static CostModel.Choice choice(CostModel costs, String variant, WeightMatrix weights, int rows, double density) {
        return costs.kernel(variant, weights, rows, 2, rows, density);
    }

    private static TernaryMatrix ternary(Arena arena) {
        return new TernaryMatrix(BitPlane.allocate(arena, 64, 32), BitPlane.allocate(arena, 64, 32), arena.allocate(64 * Float.BYTES));
    }

    @Test
    void theKernelWithTheLeastPredictedTimeIsTaken() {
        try (Arena arena = Arena.ofConfined()) {
            TernaryMatrix matrix = ternary(arena);
            // Many rows: 0.1 + 2 d against 0.7. One row of two timesteps: the weights' 10 against 1 outweigh that.
            assertEquals(CpuMatmul.BYTES, choice(COSTS, "v", matrix, 1000, 0.28).kernel());
            assertEquals(CpuMatmul.PLANES, choice(COSTS, "v", matrix, 1000, 0.32).kernel());
            assertEquals(CpuMatmul.PLANES, choice(COSTS, "v", matrix, 1, 0.05).kernel());
        }
    }

    @Test
    void theReasonNamesTheDensityAndWhatTheOthersWouldTake() {
        try (Arena arena = Arena.ofConfined()) {
            String reason = choice(COSTS, "v", ternary(arena), 1000, 0.05).reason().toString();
            assertTrue(reason.contains("5.0%") && reason.contains("bytes") && reason.contains("planes"), reason);
        }
    }

    @Test
    void weightsAreNeverGivenAKernelThatRoundsOtherwise() {
        try (Arena arena = Arena.ofConfined()) {
            Int8Matrix bytes = new Int8Matrix(arena.allocate(64 * 32), arena.allocate(64 * Float.BYTES), 64, 32);
            for (double density : new double[] {0, 0.5, 1}) {
                for (Variant variant : Variant.values()) {
                    assertFalse(choice(CostModel.DEFAULT, variant.toString(), bytes, 7, density).kernel() == CpuMatmul.FLOATS);
                }
            }
        }
    }

    @Test
    void whatShipsKnowsEveryKernelOfEveryVariant() {
        try (Arena arena = Arena.ofConfined()) {
            for (Variant variant : Variant.values()) {
                String reason = choice(CostModel.DEFAULT, variant.toString(), ternary(arena), 100, 0.2).reason().toString();
                assertTrue(reason.contains("bytes") && reason.contains("planes"), variant + ": " + reason);
            }
            assertTrue(choice(CostModel.DEFAULT, "unheard of", ternary(arena), 100, 0.2).reason().toString().contains("nothing measured"));
        }
    }

    @Test
    void aFileIsReadAsItWasWrittenAndAddsToWhatShips(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("new").resolve("costs.json");
        CostFile.write(file, "a machine", COSTS);
        CostModel read = CostFile.read(file);
        assertEquals(COSTS.cacheBytes(), read.cacheBytes());
        assertEquals(COSTS.kernels(), read.kernels().subList(0, 2));
        assertEquals(CostModel.DEFAULT.kernels(), read.kernels().subList(2, read.kernels().size()));
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void aDamagedFileIsRefusedByNameWithTheFieldAndWhatToDo(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("costs.json");
        CostFile.write(file, "a machine", COSTS);
        String good = Files.readString(file);
        for (String[] damage : new String[][] {
                {"\"schema\": 1", "\"schema\": 2", "schema"},
                {"\"planes\"", "\"plains\"", "plains"},
                {"\"ternary\"", "\"ternery\"", "ternery"},
                {"2.0", "-2.0", "spike_ps"},
                {"\"mac_ps\": 0.1", "\"mac_ps\": \"0.1\"", "mac_ps"},
                {"\"cache_bytes\"", "\"cash_bytes\"", "cache_bytes"},
                {"]", "", "JSON"}}) {
            assertTrue(good.contains(damage[0]), damage[0]);
            Files.writeString(file, good.replaceFirst(Pattern.quote(damage[0]), damage[1]));
            InvalidInputException e = assertThrows(InvalidInputException.class, () -> CostFile.read(file), damage[1]);
            assertTrue(e.getMessage().contains(file.toString()) && e.getMessage().contains(damage[2]) && e.getMessage().contains("bench tune"),
                    e.getMessage());
        }
        Path absent = directory.resolve("absent.json");
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> CostFile.read(absent));
        assertTrue(e.getMessage().contains(absent.toString()), e.getMessage());
    }
}
