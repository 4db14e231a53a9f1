package io.leanspike.schedule;

import io.leanspike.backend.Population;
import java.util.Map;

/**
 * The share of units that spike in a timestep, by population, as the planner expects it. It chooses kernels, whose rounding differs,
 * so it is given once and does not follow the batches: equal options give equal results.
 *
 * @param measured from 0 to 1; need not name every population
 * @param otherwise of the populations that were not measured
 */
public record SpikeDensities(Map<Population, Double> measured, double otherwise) {

    /** 20% everywhere: SpikingBERT shows 20 to 22% (HPCA'25 Prosperity artifact), our trained models 5 to 30%. */
    public static final SpikeDensities TYPICAL = new SpikeDensities(Map.of(), 0.2);

    /** @throws IllegalArgumentException when a density is not from 0 to 1 */
    public SpikeDensities {
        measured = Map.copyOf(measured);
        check(otherwise);
        measured.values().forEach(SpikeDensities::check);
    }

    private static void check(double density) {
        if (!(density >= 0 && density <= 1)) {
            throw new IllegalArgumentException("a density is from 0 to 1, not " + density);
        }
    }

    public double of(Population population) {
        return measured.getOrDefault(population, otherwise);
    }
}
