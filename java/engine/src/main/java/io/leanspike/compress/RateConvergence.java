package io.leanspike.compress;

import io.leanspike.backend.Population;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.TimestepSchedule;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the rates of a layer's populations have converged: with how few timesteps they are, on average over units and tokens, within a
 * tolerance of what they are with many. All layers run the same number of timesteps for this.
 *
 * @param tolerance largest mean |rate - rate with many timesteps| of a population that counts as converged, above 0
 */
public record RateConvergence(Calibration calibration, double tolerance) {

    /** The fewest timesteps of each layer, from {@code most} down as {@link TimestepSearch} goes down. */
    public List<Integer> timesteps(int most) {
        List<Integer> found = new ArrayList<>();
        List<Integer> candidates = candidates(most);
        List<List<double[]>> wanted = Population.all(layers()).stream().map(population -> rates(population, most)).toList();
        for (int layer = 0; layer < layers(); layer++) {
            int least = most;
            for (int timesteps : candidates) {
                if (!converged(layer, timesteps, wanted)) {
                    break;
                }
                least = timesteps;
            }
            found.add(least);
        }
        return found;
    }

    /** Below {@code most}, falling. */
    private static List<Integer> candidates(int most) {
        List<Integer> candidates = new ArrayList<>();
        for (int timesteps = most; timesteps > 1; ) {
            timesteps = TimestepSearch.below(timesteps);
            candidates.add(timesteps);
        }
        return candidates;
    }

    private boolean converged(int layer, int timesteps, List<List<double[]>> wanted) {
        List<Population> all = Population.all(layers());
        for (int i = 0; i < all.size(); i++) {
            // The embedding has the first layer's timesteps.
            if (Math.max(0, all.get(i).layer()) == layer && distance(rates(all.get(i), timesteps), wanted.get(i)) > tolerance) {
                return false;
            }
        }
        return true;
    }

    private static double distance(List<double[]> rates, List<double[]> wanted) {
        double sum = 0;
        long count = 0;
        for (int b = 0; b < rates.size(); b++) {
            for (int i = 0; i < rates.get(b).length; i++) {
                sum += Math.abs(rates.get(b)[i] - wanted.get(b)[i]);
            }
            count += rates.get(b).length;
        }
        return sum / count;
    }

    private List<double[]> rates(Population population, int timesteps) {
        Planner planner = calibration.planner(calibration.config(), TimestepSchedule.uniform(timesteps, layers()));
        return PopulationRates.of(calibration.model(), planner, calibration.batches(), population);
    }

    private int layers() {
        return calibration.config().hiddenLayers();
    }
}
