package io.leanspike.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final double EPS = 1e-12;

    /** tp 2, fp 1, tn 3, fn 2. */
    private static final int[] PREDICTED = {1, 1, 0, 0, 1, 0, 0, 0};
    private static final int[] GOLD = {1, 1, 1, 1, 0, 0, 0, 0};

    @Test
    void labelMetricsAreThoseWorkedOutByHand() {
        assertEquals(5.0 / 8, Metrics.accuracy(PREDICTED, GOLD), EPS);
        assertEquals(4.0 / 7, Metrics.f1(PREDICTED, GOLD), EPS);
        assertEquals((2 * 3 - 1 * 2) / Math.sqrt(3.0 * 4 * 4 * 5), Metrics.matthews(PREDICTED, GOLD), EPS);
    }

    @Test
    void perfectAndOppositePredictionsAreTheEndsOfTheScale() {
        int[] opposite = Arrays.stream(GOLD).map(label -> 1 - label).toArray();
        assertEquals(1, Metrics.accuracy(GOLD, GOLD), EPS);
        assertEquals(1, Metrics.f1(GOLD, GOLD), EPS);
        assertEquals(1, Metrics.matthews(GOLD, GOLD), EPS);
        assertEquals(0, Metrics.accuracy(opposite, GOLD), EPS);
        assertEquals(0, Metrics.f1(opposite, GOLD), EPS);
        assertEquals(-1, Metrics.matthews(opposite, GOLD), EPS);
    }

    @Test
    void oneClassAloneAnswersAsScikitLearnDoes() {
        int[] zeros = new int[4];
        int[] ones = {1, 1, 1, 1};
        int[] mixed = {0, 1, 0, 1};
        assertEquals(0, Metrics.f1(zeros, zeros));
        assertEquals(0, Metrics.f1(zeros, ones));
        assertEquals(1, Metrics.f1(ones, ones));
        assertEquals(0, Metrics.matthews(zeros, mixed));
        assertEquals(0, Metrics.matthews(mixed, ones));
        assertEquals(0, Metrics.matthews(ones, ones));
    }

    @Test
    void correlationsAreThoseWorkedOutByHand() {
        double[] x = {1, 2, 3, 4};
        double[] y = {1, 3, 2, 5};
        // Deviations -1.5 -0.5 0.5 1.5 and -1.75 0.25 -0.75 2.25: products sum to 5.5, squares to 5 and 8.75.
        assertEquals(5.5 / Math.sqrt(5 * 8.75), Metrics.pearson(x, y), EPS);
        // Ranks 1 2 3 4 and 1 3 2 4: 1 - 6 (0 + 1 + 1 + 0) / (4 * 15).
        assertEquals(0.8, Metrics.spearman(x, y), EPS);
        assertEquals(-0.8, Metrics.spearman(x, new double[] {-1, -3, -2, -5}), EPS);
    }

    @Test
    void tiesShareTheMeanOfTheirRanks() {
        assertEquals(Arrays.toString(new double[] {3.5, 1, 3.5, 2, 5.5, 5.5}),
                Arrays.toString(Ranks.average(new double[] {2, -1, 2, 0, 9, 9})));
        // Ranks 1 2.5 2.5 4 and 1 2 3 4: deviations -1.5 0 0 1.5 and -1.5 -0.5 0.5 1.5.
        assertEquals(4.5 / Math.sqrt(4.5 * 5), Metrics.spearman(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 4}), EPS);
    }

    @Test
    void zerosOfEitherSignTie() {
        assertEquals(Arrays.toString(new double[] {1.5, 1.5, 3}), Arrays.toString(Ranks.average(new double[] {0.0, -0.0, 1})));
    }

    @Test
    void correlationWithAConstantIsNotANumber() {
        double[] constant = {2, 2, 2};
        double[] rising = {1, 2, 3};
        assertEquals(Double.NaN, Metrics.pearson(constant, rising));
        assertEquals(Double.NaN, Metrics.pearson(rising, constant));
        assertEquals(Double.NaN, Metrics.spearman(constant, rising));
        assertEquals(Double.NaN, Metrics.pearson(new double[] {1}, new double[] {2}));
        assertEquals(Double.NaN, Metrics.spearman(new double[] {1}, new double[] {2}));
    }

    @Test
    void aNotANumberAmongTheValuesShowsInTheResult() {
        double[] broken = {1, Double.NaN, 3};
        double[] rising = {1, 2, 3};
        assertEquals(Double.NaN, Metrics.pearson(broken, rising));
        assertEquals(Double.NaN, Metrics.spearman(rising, broken));
        assertEquals(Double.NaN, Metrics.pearson(new double[] {1, Double.POSITIVE_INFINITY, 3}, rising));
        assertEquals(0.5, Metrics.spearman(new double[] {1, Double.POSITIVE_INFINITY, 3}, rising), EPS);
    }

    @Test
    void tinyDifferencesStillCorrelate() {
        double[] tiny = {1e-100, 2e-100, 4e-100};
        assertEquals(Metrics.pearson(new double[] {1, 2, 4}, new double[] {1, 2, 3}),
                Metrics.pearson(tiny, new double[] {1e-100, 2e-100, 3e-100}), 1e-9);
    }

    @Test
    void listsThatDoNotFitEachOtherAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Metrics.accuracy(new int[2], new int[3]));
        assertThrows(IllegalArgumentException.class, () -> Metrics.f1(new int[0], new int[0]));
        assertThrows(IllegalArgumentException.class, () -> Metrics.pearson(new double[2], new double[1]));
        assertThrows(IllegalArgumentException.class, () -> Metrics.spearman(new double[0], new double[0]));
    }

    /** Other formulas for the same: MCC is Pearson's r of the 0/1 labels, F1 the harmonic mean of precision and recall. */
    @RepeatedTest(50)
    void labelMetricsAgreeWithOtherFormulas(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int n = 10 + random.nextInt(200);
        int[] predicted = random.ints(n, 0, 2).toArray();
        int[] gold = random.ints(n, 0, 2).toArray();
        double both = 0;
        for (int i = 0; i < n; i++) {
            both += predicted[i] * gold[i];
        }
        double precision = both / Arrays.stream(predicted).sum();
        double recall = both / Arrays.stream(gold).sum();
        assertEquals(2 * precision * recall / (precision + recall), Metrics.f1(predicted, gold), 1e-9);
        double[] x = Arrays.stream(predicted).asDoubleStream().toArray();
        double[] y = Arrays.stream(gold).asDoubleStream().toArray();
        assertEquals(Metrics.pearson(x, y), Metrics.matthews(predicted, gold), 1e-9);
    }

    /** Pearson's r over pairs of examples, Spearman's rho with ranks found by counting: no mean, no sorting. */
    @RepeatedTest(50)
    void correlationsAgreeWithOtherFormulas(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int n = 5 + random.nextInt(60);
        double[] x = random.ints(n, 0, 12).asDoubleStream().toArray();
        double[] y = Arrays.stream(x).map(value -> value * 0.3 + random.nextInt(6)).toArray();
        assertEquals(pearsonOverPairs(x, y), Metrics.pearson(x, y), 1e-9);
        assertEquals(pearsonOverPairs(countedRanks(x), countedRanks(y)), Metrics.spearman(x, y), 1e-9);
        assertEquals(Metrics.spearman(x, y), Metrics.spearman(Arrays.stream(x).map(Math::exp).toArray(), y), 1e-9);
    }

    private static double pearsonOverPairs(double[] x, double[] y) {
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < i; j++) {
                xy += (x[i] - x[j]) * (y[i] - y[j]);
                xx += (x[i] - x[j]) * (x[i] - x[j]);
                yy += (y[i] - y[j]) * (y[i] - y[j]);
            }
        }
        return xy / Math.sqrt(xx * yy);
    }

    private static double[] countedRanks(double[] values) {
        return Arrays.stream(values).map(value -> Arrays.stream(values).filter(other -> other < value).count()
                + (Arrays.stream(values).filter(other -> other == value).count() + 1) / 2.0).toArray();
    }
}
