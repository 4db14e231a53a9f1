package io.leanspike.account;

import io.leanspike.model.LinearWeights;
import io.leanspike.tensor.LiveWeights;
import java.util.Arrays;
import java.util.List;

/**
 * How many live weights (not 0) stand behind each unit of a population: what one of its spikes costs in accumulates.
 *
 * @param live [width]
 * @param least of the units
 * @param most of the units
 */
public record FanOut(int[] live, int least, int most) {

    /** Into products that all read the population. */
    public static FanOut of(List<LinearWeights> readers) {
        int[] live = new int[readers.getFirst().inputs()];
        for (LinearWeights reader : readers) {
            int[] more = LiveWeights.ofColumns(reader.weight());
            Arrays.setAll(live, j -> live[j] + more[j]);
        }
        return new FanOut(live, Arrays.stream(live).min().orElseThrow(), Arrays.stream(live).max().orElseThrow());
    }

    /** True when every unit has as many: then the spikes need not be told apart. */
    public boolean isUniform() {
        return least == most;
    }
}
