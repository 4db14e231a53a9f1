package io.leanspike.schedule;

import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.WeightKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How the kernels that own whole rows for a LayerNorm cut a product with ternary or binary weights. A block takes 16 or 32 rows, a token at a timestep each: few tokens of
 * many timesteps or many of few. For each such chunk it reads all weights anew, so what counts is how often one multiprocessor does.
 *
 * @param steps timesteps of a chunk
 * @param passes over the weights that a multiprocessor makes one after the other: the rounds of blocks, times the chunks of T
 * @param cycles of a multiprocessor, the slower of tensor cores and weights on their way
 */
record RowBlocks(int tokens, int steps, long blocks, long passes, double cycles) {
    /** Rows of a block and the widest rows that it holds. */
    private static final int LARGE = 32;
    private static final int WIDEST_LARGE = 768;
    private static final int SMALL = 16;
    static final int WIDEST = 1024;
    private static final int MOST_STEPS = 16;
    /** Chunks that are followed by others have so many timesteps or more: the potentials between them must fit on chip. */
    private static final int LEAST_CARRIED_STEPS = 4;
    /** Bytes a cycle that one multiprocessor takes from the second-level cache. */
    private static final double PORT_BYTES = 64;

    /** The fastest cut, among equals the one that does less in all. */
    static RowBlocks of(GpuProperties gpu, WeightKind kind, int rows, int timesteps, int inputs, int outputs) {
        List<RowBlocks> all = new ArrayList<>();
        int whole = Math.min(MOST_STEPS, timesteps <= 1 ? 1 : 2 * Integer.highestOneBit(timesteps - 1));
        for (int ofBlock : outputs <= WIDEST_LARGE ? new int[] {SMALL, LARGE} : new int[] {SMALL}) {
            for (int steps = whole; steps >= Math.min(whole, LEAST_CARRIED_STEPS); steps /= 2) {
                all.add(of(gpu, kind, rows, timesteps, inputs, outputs, ofBlock / steps, steps));
            }
        }
        return all.stream().min(Comparator.comparingDouble(RowBlocks::cycles).thenComparingLong(cut -> cut.passes * cut.rows())
                .thenComparingLong(cut -> cut.blocks * cut.chunks(timesteps))).orElseThrow();
    }

    private static RowBlocks of(GpuProperties gpu, WeightKind kind, int rows, int timesteps, int inputs, int outputs, int tokens, int steps) {
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
