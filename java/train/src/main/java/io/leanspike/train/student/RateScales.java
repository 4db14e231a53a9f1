package io.leanspike.train.student;

import io.leanspike.backend.Population;
import java.util.Arrays;

/**
 * How the rates of each population stand for a teacher's values at the start. Every unit has a gain of its own, so that the few that
 * vary ten times as much as others neither are cut off nor leave the others a sliver of the range.
 */
record RateScales(ValueStatistics statistics, SpikingStart.Ranges ranges) {
    /** Of the root mean square of all units' deviations: what a unit's own counts as at least. */
    private static final double LEAST_DEVIATION = 0.1;

    RateScale of(Population population) {
        return RateScale.centred(halfRanges(statistics.deviations(population)), statistics.means(population));
    }

    /** Of a layer's values, which vary more than their averages, the context; both must fit one scale. */
    RateScale ofValues(int layer) {
        Population values = new Population(layer, Population.Kind.VALUE);
        double[] deviations = statistics.deviations(values);
        double[] ofContext = statistics.deviations(new Population(layer, Population.Kind.CONTEXT));
        for (int i = 0; i < deviations.length; i++) {
            deviations[i] = Math.sqrt(deviations[i] * ofContext[i]);
        }
        return RateScale.centred(halfRanges(deviations), statistics.means(values));
    }

    /** [intermediate] that a layer's currents in front of GELU are scaled by. */
    double[] geluFactors(int layer) {
        Population population = new Population(layer, Population.Kind.INTERMEDIATE);
        double[] factors = statistics.means(population);
        double[] deviations = statistics.deviations(population);
        double all = statistics.rootMeanSquare(population);
        for (int i = 0; i < factors.length; i++) {
            factors[i] = 1 / (ranges.gelu() * typical(Math.hypot(factors[i], deviations[i]), all));
        }
        return factors;
    }

    private double[] halfRanges(double[] deviations) {
        double all = Math.sqrt(Arrays.stream(deviations).map(d -> d * d).average().orElseThrow());
        return Arrays.stream(deviations).map(deviation -> ranges.centred() * typical(deviation, all)).toArray();
    }

    /** Between what one unit varies and what all do: the further units are pulled apart, the less LayerNorm is the teacher's. */
    private static double typical(double unit, double all) {
        return Math.sqrt(all * Math.max(unit, LEAST_DEVIATION * all));
    }
}
