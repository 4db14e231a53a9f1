package io.leanspike.schedule;

import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.MatmulGeometry;
import io.leanspike.backend.WeightKind;

/**
 * Estimates, in cycles of one multiprocessor, a product by tensor cores and the same product by gathering the weights of the inputs that
 * spike. The first does not depend on density, the second grows with it; they cross at one density. The figures behind it are counted
 * on the software GPU ({@code leanspike bench kernels}) or are the published rates of sm_80. A LayerNorm's launch after a product that is
 * split is not among them.
 *
 * <p>The planner asks for many tokens, whatever the batch: sums of the two round differently, and a sequence's result must not depend on
 * the sequences beside it. What that gives away was measured on an H200 (the product {@code output}, T = 1, one sequence, 20% of the inputs
 * spiking): gathering takes 11.8 us where tensor cores take 50.7 with f32 weights, 11.3 against 38.8 with f16, 7.4 against 30.1 with i8;
 * from 32 sequences on tensor cores win.
 *
 * @param inputs k of the product
 * @param outputs n of all its parts
 */
record GatherCrossover(GpuProperties gpu, WeightKind kind, int rows, int timesteps, int inputs, int outputs) {
    /** Timesteps whose spikes the gathering kernels look at together: an input that spikes in any of them is an event. */
    private static final int EVENT_STEPS = 4;
    /** Parts of a multiprocessor that issue a warp instruction each cycle. */
    private static final int PARTITIONS = 4;
    /** Warp instructions for an event and 128 outputs: a load, unpacking, 4 predicated additions for each step, and the loop's share. */
    private static final double GATHER_INSTRUCTIONS = 35;
    /** Warp instructions to list the events of 32 inputs and EVENT_STEPS. */
    private static final double LIST_INSTRUCTIONS = 60;
    /** Bytes a cycle from the second-level cache to one multiprocessor (sm_80: 5120 bytes a cycle for 108 of them). */
    static final double L2_BYTES = 47;
    /** Folded rows that a block of the tensor-core kernels pads its work to, and its outputs. */
    private static final int TILE_ROWS = 64;
    private static final int TILE_OUTPUTS = 64;
    /** Outputs of a block of the gathering kernels. */
    private static final int GATHER_OUTPUTS = 1024;
    /** About a microsecond: a smaller estimated gain is none. */
    private static final double LEAST_GAIN = 1400;
    /** Listing the events of a chunk, barriers included, before the first weight is asked for. */
    private static final double STEP_LATENCY = 600;

    /** Cycles of the tensor-core kernel. */
    double tensorCycles() {
        int steps = Math.min(timesteps, EVENT_STEPS);
        long tokens = Math.max(1, TILE_ROWS / steps);
        long blocks = ceil(rows, tokens) * ceil(outputs, TILE_OUTPUTS);
        double ofBlock = (double) ceil(timesteps, steps) * TILE_ROWS * TILE_OUTPUTS * roundedInputs(kind, inputs) / macsPerCycle(kind);
        // A block of two warps keeps half a multiprocessor busy.
        double alone = ofBlock * 2;
        return Math.max(alone, ofBlock * blocks / gpu.multiprocessors());
    }

    /** Cycles of the gathering kernel at a density, spikes taken as independent. */
    double gatherCycles(double density) {
        int steps = Math.min(timesteps, EVENT_STEPS);
        double chunks = ceil(timesteps, EVENT_STEPS);
        double events = inputs * (1 - Math.pow(1 - density, steps));
        double warps = ceil(outputs, 128);
        double instructions = chunks * (events * warps * GATHER_INSTRUCTIONS + inputs / 32.0 * LIST_INSTRUCTIONS);
        double bytes = chunks * events * outputs * elementBytes();
        double ofToken = Math.max(instructions / PARTITIONS, bytes / L2_BYTES);
        double blocks = ceil(outputs, GATHER_OUTPUTS);
        double share = Math.max(1 / blocks, (double) rows / gpu.multiprocessors());
        return ofToken * share + chunks * STEP_LATENCY;
    }

    /** The density below which gathering is estimated to be faster by what a launch takes or more; 0 where it never is. */
    double density() {
        double tensor = tensorCycles() - LEAST_GAIN;
        if (gatherCycles(0) >= tensor) {
            return 0;
        }
        double below = 0;
        double above = 1;
        if (gatherCycles(1) < tensor) {
            return 1;
        }
        for (int i = 0; i < 40; i++) {
            double middle = (below + above) / 2;
            if (gatherCycles(middle) < tensor) {
                below = middle;
            } else {
                above = middle;
            }
        }
        return below;
    }

    /** Products a cycle of one multiprocessor: the sm_80 rate, or what the counted other instructions leave of it. */
    static double macsPerCycle(WeightKind kind) {
        return switch (kind) {
            case F32 -> 512;
            case F16 -> 1024;
            case I8 -> 2048;
            case TERNARY -> 4096;
            case BINARY -> 8192;
        };
    }

    static long roundedInputs(WeightKind kind, int inputs) {
        int stage = Long.SIZE * MatmulGeometry.of(kind).stageWords();
        return ceil(inputs, stage) * stage;
    }

    private int elementBytes() {
        return kind == WeightKind.F32 ? 4 : kind == WeightKind.F16 ? 2 : 1;
    }

    static long ceil(long size, long unit) {
        return (size + unit - 1) / unit;
    }
}
