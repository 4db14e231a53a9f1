package io.leanspike.schedule;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.GpuMatmul.Form;
import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.WeightKind;
import io.leanspike.model.LinearWeights;
import java.util.List;

/** Which variant of a GPU kernel serves a product, and how many tokens its blocks take. */
public record GpuCosts(GpuProperties gpu) {
    /** Outputs of a row that the kernels with a LayerNorm hold: with 2 steps a chunk, with one, and when gathering. */
    private static final int WIDEST_TWO_STEP_ROW = 768;
    private static final int WIDEST_ROW = 1024;
    private static final int ROW_TOKENS = 16;
    private static final int TILE_OUTPUTS = 64;
    /** Pairs of warps that a block may have; each pair takes 64 (token, timestep) rows of a chunk. */
    private static final int MOST_PAIRS = 4;
    private static final int GATHER_STEPS = 4;
    /** One-bit tensor cores are emulated from here on; bytes hold the same weights exactly. */
    private static final int NO_ONE_BIT_TENSOR_CORES = 100;

    /**
     * For products on one input that share a launch.
     *
     * @param density share of the input's units that spike in a timestep
     */
    public KernelChoice matmul(Epilogue epilogue, List<LinearWeights> linears, int rows, int timesteps, double density) {
        WeightKind kind = kind(linears);
        int outputs = linears.stream().mapToInt(LinearWeights::outputs).sum();
        GatherCrossover crossover = new GatherCrossover(gpu, kind, rows, timesteps, linears.getFirst().inputs(), outputs);
        if (epilogue == Epilogue.NORM_MEMBRANE && outputs > WIDEST_ROW) {
            return gather(kind, "rows of %d outputs are too wide for the tensor-core kernels".formatted(outputs));
        }
        if (density < crossover.density()) {
            return gather(kind, "%.2g%% of the inputs spike: below %.2g%% adding their weights takes less than tensor cores do"
                    .formatted(100 * density, 100 * crossover.density()));
        }
        return epilogue == Epilogue.NORM_MEMBRANE ? rows(kind, outputs, timesteps) : tile(kind, linears, rows, timesteps);
    }

    private WeightKind kind(List<LinearWeights> linears) {
        WeightKind kind = WeightKind.keeping(linears.stream().map(LinearWeights::weight).toList());
        return kind.isLowBit() && gpu.architecture() >= NO_ONE_BIT_TENSOR_CORES ? WeightKind.I8 : kind;
    }

    private static KernelChoice gather(WeightKind kind, String reason) {
        return new KernelChoice(new GpuMatmul(Form.GATHER, kind.isInteger() ? WeightKind.I8 : kind, GATHER_STEPS).toString(), 1, reason);
    }

    private static KernelChoice rows(WeightKind kind, int outputs, int timesteps) {
        int steps = timesteps > 1 && outputs <= WIDEST_TWO_STEP_ROW ? 2 : 1;
        return new KernelChoice(new GpuMatmul(Form.TENSOR, kind, steps).toString(), ROW_TOKENS,
                "a block owns whole rows for the LayerNorm, %d of T = %d on chip".formatted(steps, timesteps));
    }

    private KernelChoice tile(WeightKind kind, List<LinearWeights> linears, int rows, int timesteps) {
        int steps = timesteps <= 2 ? timesteps : 4;
        int tiles = linears.stream().mapToInt(linear -> (linear.outputs() + TILE_OUTPUTS - 1) / TILE_OUTPUTS).sum();
        int tokensOfPair = 64 / steps;
        int pairs = MOST_PAIRS;
        // Larger blocks read weights less often; smaller ones leave no multiprocessor idle.
        while (pairs > 1 && (long) blocks(rows, pairs * tokensOfPair) * tiles < gpu.multiprocessors()) {
            pairs /= 2;
        }
        return new KernelChoice(new GpuMatmul(Form.TENSOR, kind, steps).toString(), pairs * tokensOfPair,
                "%d blocks for %d multiprocessors, %d of T = %d on chip".formatted(
                        blocks(rows, pairs * tokensOfPair) * tiles, gpu.multiprocessors(), Math.min(steps, timesteps), timesteps));
    }

    private static int blocks(int rows, int tokens) {
        return (rows + tokens - 1) / tokens;
    }
}
