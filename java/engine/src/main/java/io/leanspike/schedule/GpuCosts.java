package io.leanspike.schedule;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.WeightKind;
import io.leanspike.model.LinearWeights;
import java.util.List;

/** Which variant of a GPU kernel serves a product, and how many tokens its blocks take. */
public record GpuCosts(GpuProperties gpu) {
    /** Outputs of a row that the 2-step kernels with a LayerNorm hold; wider rows take one step a chunk. */
    private static final int WIDEST_TWO_STEP_ROW = 768;
    private static final int ROW_TOKENS = 16;
    private static final int TILE_OUTPUTS = 64;
    /** Pairs of warps that a block may have; each pair takes 64 (token, timestep) rows of a chunk. */
    private static final int MOST_PAIRS = 4;

    /** For products on one input that share a launch. */
    public KernelChoice matmul(Epilogue epilogue, List<LinearWeights> linears, int rows, int timesteps) {
        WeightKind kind = WeightKind.keeping(linears.stream().map(LinearWeights::weight).toList());
        if (epilogue == Epilogue.NORM_MEMBRANE) {
            int steps = timesteps > 1 && linears.getFirst().outputs() <= WIDEST_TWO_STEP_ROW ? 2 : 1;
            return new KernelChoice(new GpuMatmul(kind, steps).toString(), ROW_TOKENS,
                    "a block owns whole rows for the LayerNorm, %d of T = %d on chip".formatted(steps, timesteps));
        }
        int steps = timesteps <= 2 ? timesteps : 4;
        int tiles = linears.stream().mapToInt(linear -> (linear.outputs() + TILE_OUTPUTS - 1) / TILE_OUTPUTS).sum();
        int tokensOfPair = 64 / steps;
        int pairs = MOST_PAIRS;
        // Larger blocks read weights less often; smaller ones leave no multiprocessor idle.
        while (pairs > 1 && (long) blocks(rows, pairs * tokensOfPair) * tiles < gpu.multiprocessors()) {
            pairs /= 2;
        }
        return new KernelChoice(new GpuMatmul(kind, steps).toString(), pairs * tokensOfPair,
                "%d blocks for %d multiprocessors, %d of T = %d on chip".formatted(
                        blocks(rows, pairs * tokensOfPair) * tiles, gpu.multiprocessors(), Math.min(steps, timesteps), timesteps));
    }

    private static int blocks(int rows, int tokens) {
        return (rows + tokens - 1) / tokens;
    }
}
