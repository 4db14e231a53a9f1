package io.leanspike.compress;

/**
 * Rates (ASR = spikes / T) of the units of a population over all tokens of calibration text.
 *
 * @param mean of each unit
 * @param deviation standard deviation of each unit
 */
public record UnitRates(double[] mean, double[] deviation) {

    /** sqrt(mean^2 + variance) of each unit. */
    double[] rootMeanSquare() {
        double[] roots = new double[mean.length];
        for (int i = 0; i < roots.length; i++) {
            roots[i] = Math.hypot(mean[i], deviation[i]);
        }
        return roots;
    }
}
