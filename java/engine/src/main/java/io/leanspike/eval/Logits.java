package io.leanspike.eval;

/** Reading a classifier's logits. */
public final class Logits {
    private Logits() {}

    /** Index of the largest logit; the first of equals. */
    public static int winner(double[] logits) {
        int best = 0;
        for (int c = 1; c < logits.length; c++) {
            best = logits[c] > logits[best] ? c : best;
        }
        return best;
    }

    /** Softmax of the logits. */
    public static double[] probabilities(double[] logits) {
        double max = logits[winner(logits)];
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] = Math.exp(logits[c] - max);
            sum += probabilities[c];
        }
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] /= sum;
        }
        return probabilities;
    }
}
