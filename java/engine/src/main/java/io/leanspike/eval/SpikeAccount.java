package io.leanspike.eval;

import java.util.List;

/**
 * What the spikes of some texts cost.
 *
 * @param tokens of all texts, special tokens included
 * @param populations in the order data passes them
 * @param cost of all texts
 */
public record SpikeAccount(long sequences, long tokens, List<PopulationActivity> populations, Cost cost) {

    public SpikeAccount {
        populations = List.copyOf(populations);
    }
}
