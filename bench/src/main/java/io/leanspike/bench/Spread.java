package io.leanspike.bench;

import java.util.Arrays;
import java.util.Locale;

/** Median and quartiles of repeated measurements. */
public record Spread(double median, double lowerQuartile, double upperQuartile) {

    /** @throws IllegalArgumentException when there are no samples */
    public static Spread of(double... samples) {
        if (samples.length == 0) {
            throw new IllegalArgumentException("the spread of nothing");
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return new Spread(quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75));
    }

    /** Between neighbours, linear. */
    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /** {@code 41.3 (40.9..41.6)} */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, format() + " (" + format() + ".." + format() + ")", median, lowerQuartile, upperQuartile);
    }

    private String format() {
        return median >= 100 ? "%.0f" : median >= 10 ? "%.1f" : "%.2f";
    }
}
