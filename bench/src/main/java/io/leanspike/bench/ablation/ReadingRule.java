package io.leanspike.bench.ablation;

import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.SegmentAllocator;
import java.util.Locale;

/** How T' timesteps are made of the T of a population that a layer reads. */
enum ReadingRule {
    /** The first T', from the start again where there are fewer. */
    PREFIX {
        @Override
        boolean spikes(SpikeTensor from, int row, int unit, int count, int t, int timesteps) {
            return from.get(row, t % from.timesteps(), unit);
        }
    },
    /** The last T', where there are fewer after as many again: the beginning, which still settles, is left out. */
    SUFFIX {
        @Override
        boolean spikes(SpikeTensor from, int row, int unit, int count, int t, int timesteps) {
            return from.get(row, Math.floorMod(t - timesteps, from.timesteps()), unit);
        }
    },
    /** As many spikes as keep the rate, round(c T' / T) of c, evenly spaced: the engine's spike_retime. */
    COUNT {
        @Override
        boolean spikes(SpikeTensor from, int row, int unit, int count, int t, int timesteps) {
            return spikesUntil(from, count, t + 1) > spikesUntil(from, count, t);
        }

        /** Of the first {@code steps} timesteps, rounded. */
        private static int spikesUntil(SpikeTensor from, int count, int steps) {
            return (2 * count * steps + from.timesteps()) / (2 * from.timesteps());
        }
    };

    /** @param count spikes of the unit over all timesteps of {@code from} */
    abstract boolean spikes(SpikeTensor from, int row, int unit, int count, int t, int timesteps);

    /** The spikes that a layer of {@code timesteps} reads. */
    SpikeTensor read(SpikeTensor from, int timesteps, SegmentAllocator allocator) {
        SpikeTensor made = SpikeTensor.allocate(allocator, from.rows(), timesteps, from.width());
        for (int row = 0; row < from.rows(); row++) {
            for (int unit = 0; unit < from.width(); unit++) {
                int count = 0;
                for (int t = 0; t < from.timesteps(); t++) {
                    count += from.get(row, t, unit) ? 1 : 0;
                }
                for (int t = 0; t < timesteps; t++) {
                    if (spikes(from, row, unit, count, t, timesteps)) {
                        made.set(row, t, unit);
                    }
                }
            }
        }
        return made;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
