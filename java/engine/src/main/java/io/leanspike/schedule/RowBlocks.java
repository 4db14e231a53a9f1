package io.leanspike.schedule;

import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.MatmulGeometry;
import io.leanspike.backend.WeightKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How the kernels that own whole rows for a LayerNorm cut a product with ternary or binary weights. A block takes 16 or 32 rows, a token at
 * a timestep each: few tokens of many timesteps or many of few. For each such chunk it reads all weights anew, so what counts is how often
 * one multiprocessor does.
 *
 * @param steps timesteps of a chunk
 * @param passes over the weights that a multiprocessor makes one after the other: the rounds of blocks, times the chunks of T
 * @param cycles of a multiprocessor, the slower of tensor cores and weights on their way
 */
record RowBlocks(int tokens, int steps, long blocks, long passes, double cycles) {
    /** Chunks that are followed by others have so many timesteps or more: the potentials between them must fit on chip. */
    private static final int LEAST_CARRIED_STEPS = 4;
    /** Bytes a cycle that one multiprocessor takes from the second-level cache. */
    private static final double PORT_BYTES = 64;

    /**
     * The fastest cut, among equals the one that does less in all. Empty where no block holds such rows: that depends on the product and
     * the GPU but never on the number of rows, for kernels of another kind round differently, and all batches must give the same results.
     */
    static Optional<RowBlocks> of(GpuProperties gpu, WeightKind kind, int rows, int timesteps, int inputs, int outputs) {
        List<RowBlocks> fitting = new ArrayList<>();
        int whole = Math.min(MatmulGeometry.MOST_ROW_STEPS, timesteps <= 1 ? 1 : 2 * Integer.highestOneBit(timesteps - 1));
        for (int ofBlock : new int[] {MatmulGeometry.SMALL_ROWS, MatmulGeometry.LARGE_ROWS}) {
            for (int steps = whole; steps >= Math.min(whole, LEAST_CARRIED_STEPS); steps /= 2) {
                if (outputs <= MatmulGeometry.widestRow(ofBlock) && MatmulGeometry.of(kind)
                        .rowsSharedBytes(inputs, outputs, ofBlock / steps, steps, timesteps) <= gpu.sharedBytesPerBlock()) {
                    fitting.add(of(gpu, kind, rows, timesteps, inputs, outputs, ofBlock / steps, steps));
                }
            }
        }
        return fitting.stream().min(Comparator.comparingDouble(RowBlocks::cycles).thenComparingLong(cut -> cut.passes * cut.rows())
                .thenComparingLong(cut -> cut.blocks * cut.chunks(timesteps)));
    }

    private static RowBlocks of(GpuProperties gpu, WeightKind kind, int rows, int timesteps, int inputs, int outputs, int tokens,
            int steps) {
        long blocks = GatherCrossover.ceil(rows, tokens);
        long passes = GatherCrossover.ceil(blocks, gpu.multiprocessors()) * GatherCrossover.ceil(timesteps, steps);
        double weights = (double) outputs * GatherCrossover.roundedInputs(kind, inputs);
        double matrix = tokens * steps * weights / GatherCrossover.macsPerCycle(kind);
        long busy = Math.min(blocks, gpu.multiprocessors());
        double stream = weights * bits(kind) / 8 / Math.min(PORT_BYTES, GatherCrossover.L2_BYTES * gpu.multiprocessors() / busy);
        return new RowBlocks(tokens, steps, blocks, passes, passes * Math.max(matrix, stream));
    }

    private int rows() {
        return tokens * steps;
    }

    private long chunks(int timesteps) {
        return GatherCrossover.ceil(timesteps, steps);
    }

    private static int bits(WeightKind kind) {
        return kind == WeightKind.BINARY ? 1 : 2;
    }
}
