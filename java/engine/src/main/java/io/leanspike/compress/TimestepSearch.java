package io.leanspike.compress;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * Looks for few timesteps a layer under an accuracy budget, greedily: of all layers the one whose next lower T costs the least goes down,
 * as long as the metric stays within the budget of where it began. At the start, and again at the end, the initial potential is chosen.
 *
 * @param budget that the metric may lose, in the metric's own unit
 * @param potentials initial potentials to try, as shares of the threshold; the first is the one that others have to be better than
 * @param isBetter whether the first of two trials, which differ in their initial potential alone, is better than the second
 */
public record TimestepSearch(double budget, List<Double> potentials, BiPredicate<Trial, Trial> isBetter) {

    /** A schedule that was tried. */
    public record Trial(List<Integer> timesteps, double initialPotential, double metric) {
        /** Average of T_l over the layers. */
        public double meanTimesteps() {
            return timesteps.stream().mapToInt(Integer::intValue).average().orElseThrow();
        }
    }

    /** What a schedule achieves on calibration data, the more the better; negative infinity where this is not defined. */
    public interface Score {
        double of(List<Integer> timesteps, double initialPotential);
    }

    /** @throws IllegalArgumentException when the budget is negative or there is no potential to try */
    public TimestepSearch {
        potentials = List.copyOf(potentials);
        if (!(budget >= 0) || potentials.isEmpty()) {
            throw new IllegalArgumentException("a budget of %s and %d potentials".formatted(budget, potentials.size()));
        }
    }

    /** The higher metric is better, by however little. */
    public TimestepSearch(double budget, List<Double> potentials) {
        this(budget, potentials, (one, other) -> one.metric() > other.metric());
    }

    /** Searches from the same timesteps in every layer. */
    public Trial run(int layers, int start, Score score, Consumer<Trial> onStep) {
        return run(Collections.nCopies(layers, start), Collections.nCopies(layers, start), score, onStep);
    }

    /**
     * Searches.
     *
     * @param start timesteps of each layer at the beginning, by which the budget is measured
     * @param first a schedule to go on from, if it is within the budget: for instance where rates have converged
     * @param onStep told of the start and of each schedule that is taken
     * @return the last one taken
     */
    public Trial run(List<Integer> start, List<Integer> first, Score score, Consumer<Trial> onStep) {
        Map<Trial, Double> known = new HashMap<>();
        Score once = (timesteps, potential) ->
                known.computeIfAbsent(new Trial(timesteps, potential, 0), trial -> score.of(trial.timesteps(), trial.initialPotential()));
        Trial current = best(start, potentials.getFirst(), once);
        onStep.accept(current);
        double least = current.metric() - budget;
        if (!first.equals(start)) {
            Trial jump = new Trial(List.copyOf(first), current.initialPotential(), once.of(List.copyOf(first), current.initialPotential()));
            if (jump.metric() >= least) {
                current = jump;
                onStep.accept(current);
            }
        }
        while (true) {
            Optional<Trial> next = cheapest(current, once).filter(trial -> trial.metric() >= least);
            if (next.isEmpty()) {
                break;
            }
            current = next.get();
            onStep.accept(current);
        }
        Trial tuned = best(current.timesteps(), current.initialPotential(), once);
        if (!tuned.equals(current)) {
            current = tuned;
            onStep.accept(current);
        }
        return current;
    }

    /** With {@code own} potential, unless others are better. */
    private Trial best(List<Integer> timesteps, double own, Score score) {
        Trial best = new Trial(timesteps, own, score.of(timesteps, own));
        for (double potential : potentials) {
            Trial trial = new Trial(timesteps, potential, score.of(timesteps, potential));
            best = potential != own && isBetter.test(trial, best) ? trial : best;
        }
        return best;
    }

    /** The trial that lowers one layer and keeps the most; of equals the one that saves the most timesteps. */
    private static Optional<Trial> cheapest(Trial from, Score score) {
        Trial best = null;
        for (int layer = 0; layer < from.timesteps().size(); layer++) {
            if (from.timesteps().get(layer) > 1) {
                List<Integer> lower = new ArrayList<>(from.timesteps());
                lower.set(layer, below(lower.get(layer)));
                Trial trial = new Trial(List.copyOf(lower), from.initialPotential(), score.of(List.copyOf(lower), from.initialPotential()));
                if (best == null || trial.metric() > best.metric()
                        || (trial.metric() == best.metric() && trial.meanTimesteps() < best.meanTimesteps())) {
                    best = trial;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** The next T to try: half of it, one by one from 4 on. */
    static int below(int timesteps) {
        return timesteps > 4 ? Math.max(4, timesteps / 2) : timesteps - 1;
    }
}
