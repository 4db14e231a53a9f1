package io.leanspike.compress.search;

import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.PruningPlan;
import java.util.Optional;

/**
 * What is done to one layer. Shares are those that go, as in {@link PruningPlan}, from 0 to below 1.
 *
 * @param heads share of attention heads that goes
 * @param keys share of the query and key columns that go, of each head that is left
 * @param values share of the value columns that go, likewise
 * @param neurons share of intermediate neurons
 * @param timesteps T_l
 * @param bits of the six matrices; empty = as they are
 */
public record LayerChoice(double heads, double keys, double values, double neurons, int timesteps, Optional<EncoderBits> bits) {

    /** @throws IllegalArgumentException when T is below 1 or a share is not from 0 to below 1 */
    public LayerChoice {
        pruning(heads, keys, values, neurons);
        if (timesteps < 1) {
            throw new IllegalArgumentException("a layer of %d timesteps".formatted(timesteps));
        }
    }

    /** Nothing pruned, weights as they are. */
    public static LayerChoice whole(int timesteps) {
        return new LayerChoice(0, 0, 0, 0, timesteps, Optional.empty());
    }

    public LayerChoice withTimesteps(int count) {
        return new LayerChoice(heads, keys, values, neurons, count, bits);
    }

    public LayerChoice withBits(Optional<EncoderBits> those) {
        return new LayerChoice(heads, keys, values, neurons, timesteps, those);
    }

    public LayerChoice withNeurons(double share) {
        return new LayerChoice(heads, keys, values, share, timesteps, bits);
    }

    PruningPlan pruning() {
        return pruning(heads, keys, values, neurons);
    }

    private static PruningPlan pruning(double heads, double keys, double values, double neurons) {
        return new PruningPlan(heads, keys, values, neurons, PruningPlan.Allocation.UNIFORM);
    }
}
