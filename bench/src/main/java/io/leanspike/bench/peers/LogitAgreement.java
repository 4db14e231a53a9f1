package io.leanspike.bench.peers;

import io.leanspike.eval.Logits;
import java.util.Arrays;

/**
 * How far two float32 implementations of one spiking model agree on a batch. A spike whose membrane comes within rounding of the
 * threshold may fall either way and moves all that follows it: the more neurons and timesteps, the more sequences meet one. So it is
 * a few short sequences that are asked to agree; of a whole batch the agreement is only recorded.
 *
 * @param equal sequences whose logits differ by less than 0.001 of their size
 * @param samePredictions sequences
 * @param median difference of a logit, as a share of the logits' mean size
 */
record LogitAgreement(int sequences, int equal, int samePredictions, double median) {
    private static final double ROUNDING = 1e-3;

    static LogitAgreement of(double[][] expected, double[][] actual) {
        double size = Arrays.stream(expected).flatMapToDouble(Arrays::stream).map(Math::abs).average().orElseThrow();
        int labels = expected[0].length;
        int equal = 0;
        int same = 0;
        double[] differences = new double[expected.length * labels];
        for (int b = 0; b < expected.length; b++) {
            double worst = 0;
            for (int label = 0; label < labels; label++) {
                double difference = Math.abs(expected[b][label] - actual[b][label]) / size;
                differences[b * labels + label] = difference;
                worst = Math.max(worst, difference);
            }
            equal += worst < ROUNDING ? 1 : 0;
            same += Logits.winner(expected[b]) == Logits.winner(actual[b]) ? 1 : 0;
        }
        Arrays.sort(differences);
        return new LogitAgreement(expected.length, equal, same, differences[differences.length / 2]);
    }

    /** At least half of the sequences equal: another model's logits would be equal nowhere. */
    boolean isEqual() {
        return 2 * equal >= sequences;
    }
}
