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
import java.util.Optional;

/** Which variant of a GPU kernel serves a product or attention, and how many tokens its blocks take. */
public record GpuCosts(GpuProperties gpu) {
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
        if (!wholeRows) {
            return tiles(kind, linears, rows, timesteps);
        }
        return (kind.isLowBit() ? RowBlocks.of(gpu, kind, rows, timesteps, inputs, outputs) : Optional.<RowBlocks>empty())
                .map(cut -> rows(kind, cut, timesteps)).orElseGet(() -> split(kind, linears, rows, timesteps));
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

    private KernelChoice rows(WeightKind kind, RowBlocks cut, int timesteps) {
        return new KernelChoice(new GpuMatmul(Form.TENSOR, kind, cut.steps()).toString(), cut.tokens(),
                "a block owns whole rows for the LayerNorm, %d x %d of T = %d: %d blocks for %d multiprocessors, %s over the weights"
                        .formatted(cut.tokens(), cut.steps(), timesteps, cut.blocks(), gpu.multiprocessors(),
                                cut.passes() == 1 ? "one pass" : cut.passes() + " passes"));
    }

    private KernelChoice tiles(WeightKind kind, List<LinearWeights> linears, int rows, int timesteps) {
        TileBlocks cut = tileBlocks(kind, linears, rows, timesteps);
        return choice(Form.TENSOR, kind, cut, "%d blocks for %d multiprocessors, %d of T = %d on chip"
                .formatted(cut.blocks(), gpu.multiprocessors(), Math.min(cut.steps(), timesteps), timesteps));
    }

    /** Without membranes a token at a timestep is a row like any other. */
    private KernelChoice split(WeightKind kind, List<LinearWeights> linears, int rows, int timesteps) {
        TileBlocks cut = tileBlocks(kind, linears, Math.multiplyExact(rows, timesteps), 1);
        return choice(Form.SPLIT, kind, cut,
                "a row for %s: %d blocks for %d multiprocessors; LayerNorm and membrane in a launch of their own"
                        .formatted(timesteps == 1 ? "the one timestep" : "each of %d timesteps".formatted(timesteps), cut.blocks(),
                                gpu.multiprocessors()));
    }

    private TileBlocks tileBlocks(WeightKind kind, List<LinearWeights> linears, int rows, int timesteps) {
        long tiles = linears.stream().mapToLong(linear -> GatherCrossover.ceil(linear.outputs(), MatmulGeometry.TILE_OUTPUTS)).sum();
        return TileBlocks.of(gpu, kind, rows, timesteps, linears.getFirst().inputs(), Math.toIntExact(tiles));
    }

    private static KernelChoice choice(Form form, WeightKind kind, TileBlocks cut, String reason) {
        return new KernelChoice(new GpuMatmul(form, kind, cut.steps(), cut.tilesOfBlock()).toString(), cut.tokens(), reason);
    }
}
