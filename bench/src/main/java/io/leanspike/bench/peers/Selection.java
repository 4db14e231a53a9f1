package io.leanspike.bench.peers;

import io.leanspike.backend.WeightKind;
import io.leanspike.bench.Density;
import java.util.List;
import java.util.Set;

/**
 * What a run measures of each model: every combination, but for those too large.
 *
 * @param weights of synthetic models; a shipped one has its own
 * @param entrants beside the engine
 * @param mostGmac dense-equivalent billions of products of a forward pass, above which a setting is left out
 * @param memory whether resident memory is measured too
 */
record Selection(List<WeightKind> weights, List<Density> densities, List<Integer> timesteps, List<Integer> sequences, List<Integer> lengths,
        Set<Entrant> entrants, double mostGmac, boolean memory) {

    boolean has(Entrant entrant) {
        return entrant == Entrant.ENGINE || entrants.contains(entrant);
    }
}
