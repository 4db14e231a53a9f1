package io.leanspike.schedule;

import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.WeightKind;

/**
 * What a kernel of spike_matmul takes on one CPU core, as measured: passes x (weights x {@code weight} + rows x weights x ({@code mac} +
 * density x {@code spike})), a row being a token at a timestep.
 *
 * @param variant of the kernels, as the backend spells it
 * @param weight picoseconds to bring a weight from the cache where it waits, once a pass over a tile of rows
 * @param mac picoseconds a weight and row, whatever spikes
 * @param spike picoseconds more a weight and row where the input spikes
 */
public record KernelCost(String variant, WeightKind weights, CpuMatmul kernel, double weight, double mac, double spike) {

    /** @throws IllegalArgumentException when a cost is negative or no number */
    public KernelCost {
        if (!(weight >= 0 && mac >= 0 && spike >= 0 && weight + mac + spike < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("costs are 0 or more, not %s, %s and %s".formatted(weight, mac, spike));
        }
    }

    /** Seconds of one core for a product; {@code rows} in {@code passes} tiles. */
    public double seconds(long rows, long passes, long inputs, long outputs, double density) {
        return 1e-12 * inputs * outputs * (passes * weight + rows * (mac + density * spike));
    }
}
