package io.leanspike.bench.peers;

import io.leanspike.eval.Logits;
import java.util.Arrays;

/**
 * How far two float32 implementations of one spiking model agree. A spike whose membrane comes within rounding of the threshold may
 * fall either way, and moves what follows; all else must be the same.
 *
 * @param samePredictions of {@code sequences}
 * @param median difference of a logit, as a share of the logits' deviation over the batch
 * @param largest difference of a logit, as the same share
 */
record LogitAgreement(int sequences, int samePredictions, double median, double largest) {
    private static final double LEAST_SAME = 0.9;
    private static final double MOST_APART = 0.02;

    static LogitAgreement of(double[][] expected, double[][] actual) {
        int same = 0;
        int labels = expected[0].length;
        double[] differences = new double[expected.length * labels];
        for (int b = 0; b < expected.length; b++) {
            same += Logits.winner(expected[b]) == Logits.winner(actual[b]) ? 1 : 0;
            for (int label = 0; label < labels; label++) {
                differences[b * labels + label] = Math.abs(expected[b][label] - actual[b][label]);
            }
        }
        double size = Arrays.stream(expected).flatMapToDouble(Arrays::stream).map(Math::abs).average().orElseThrow();
        Arrays.sort(differences);
        return new LogitAgreement(expected.length, same, differences[differences.length / 2] / size, differences[differences.length - 1] / size);
    }

    /** Enough to tell the same model from another one. */
    boolean holds() {
        return samePredictions >= LEAST_SAME * sequences && median <= MOST_APART;
    }
}
