package io.leanspike.schedule;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.GpuMatmul.Form;
import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.MatmulGeometry;
import io.leanspike.backend.WeightKind;
import io.leanspike.model.AttentionHeads;
import io.leanspike.model.LinearWeights;
import java.util.List;

/** Which variant of a GPU kernel serves a product or attention, and how many tokens its blocks take. */
public record GpuCosts(GpuProperties gpu) {
    private static final int TILE_OUTPUTS = 64;
    /** Pairs of warps that a block may have; each pair takes 64 (token, timestep) rows of a chunk. */
    private static final int MOST_PAIRS = 2;
    private static final int GATHER_STEPS = 4;
    /**
     * Tokens of the batch that decides between tensor cores and gathering, whose sums round differently: batches of all sizes must give the
     * same results, and weights be packed once.
     */
    static final int MANY_ROWS = 4096;
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
        boolean wholeRows = epilogue == Epilogue.NORM_MEMBRANE;
        int inputs = linears.getFirst().inputs();
        GatherCrossover crossover = new GatherCrossover(gpu, kind, MANY_ROWS, timesteps, inputs, outputs);
        if (density < crossover.density()) {
            return gather(kind, "%.2g%% of the inputs spike: below %.2g%% adding their weights takes less than tensor cores do"
                    .formatted(100 * density, 100 * crossover.density()));
        }
        if (wholeRows && kind.isLowBit() && outputs <= RowBlocks.WIDEST) {
            return rows(kind, rows, timesteps, inputs, outputs);
        }
        // Without membranes a token at a timestep is a row like any other.
        return wholeRows ? tile(Form.SPLIT, kind, linears, Math.multiplyExact(rows, timesteps), 1)
                : tile(Form.TENSOR, kind, linears, rows, timesteps);
    }

    /** For attention of a layer's heads in a batch. */
    public KernelChoice attention(AttentionHeads heads, BatchShape shape, int timesteps) {
        return AttentionBlocks.of(gpu, heads, shape, timesteps).choice(gpu, timesteps);
    }

    private WeightKind kind(List<LinearWeights> linears) {
        WeightKind kind = WeightKind.keeping(linears.stream().map(LinearWeights::weight).toList());
        return kind.isLowBit() && gpu.architecture() >= NO_ONE_BIT_TENSOR_CORES ? WeightKind.I8 : kind;
    }

    private static KernelChoice gather(WeightKind kind, String reason) {
        return new KernelChoice(new GpuMatmul(Form.GATHER, kind.isInteger() ? WeightKind.I8 : kind, GATHER_STEPS).toString(), 1, reason);
    }

    private KernelChoice rows(WeightKind kind, int rows, int timesteps, int inputs, int outputs) {
        RowBlocks cut = RowBlocks.of(gpu, kind, rows, timesteps, inputs, outputs);
        return new KernelChoice(new GpuMatmul(Form.TENSOR, kind, cut.steps()).toString(), cut.tokens(),
                "a block owns whole rows for the LayerNorm, %d x %d of T = %d: %d blocks for %d multiprocessors, %s over the weights"
                        .formatted(cut.tokens(), cut.steps(), timesteps, cut.blocks(), gpu.multiprocessors(),
                                cut.passes() == 1 ? "one pass" : cut.passes() + " passes"));
    }

    private KernelChoice tile(Form form, WeightKind kind, List<LinearWeights> linears, int rows, int timesteps) {
        int steps = timesteps <= 2 ? timesteps : 4;
        int tiles = linears.stream().mapToInt(linear -> (linear.outputs() + TILE_OUTPUTS - 1) / TILE_OUTPUTS).sum();
        int tokensOfPair = 64 / steps;
        int pairs = MOST_PAIRS;
        MatmulGeometry geometry = MatmulGeometry.of(kind);
        int inputs = linears.getFirst().inputs();
        // Larger blocks read weights less often; smaller ones leave no multiprocessor idle, and of wide inputs only they fit one.
        while (pairs > 1 && ((long) blocks(rows, pairs * tokensOfPair) * tiles < gpu.multiprocessors()
                || geometry.tileSharedBytes(inputs, pairs * tokensOfPair, steps) > gpu.sharedBytesPerBlock())) {
            pairs /= 2;
        }
        return new KernelChoice(new GpuMatmul(form, kind, steps).toString(), pairs * tokensOfPair,
                "%d blocks for %d multiprocessors, %d of T = %d on chip".formatted(
                        blocks(rows, pairs * tokensOfPair) * tiles, gpu.multiprocessors(), Math.min(steps, timesteps), timesteps));
    }

    private static int blocks(int rows, int tokens) {
        return (rows + tokens - 1) / tokens;
    }
}
