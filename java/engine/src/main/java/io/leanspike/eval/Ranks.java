package io.leanspike.eval;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Ranks of values. */
final class Ranks {
    private Ranks() {}

    /** Rank of each value from 1; equal values share the mean of their ranks. All NaN when one value is NaN. */
    static double[] average(double[] values) {
        double[] ranks = new double[values.length];
        if (Arrays.stream(values).anyMatch(Double::isNaN)) {
            Arrays.fill(ranks, Double.NaN);
            return ranks;
        }
        int[] order = IntStream.range(0, values.length).boxed()
                .sorted(Comparator.comparingDouble(i -> values[i])).mapToInt(Integer::intValue).toArray();
        int from = 0;
        while (from < order.length) {
            int to = from;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return ranks;
    }
}
