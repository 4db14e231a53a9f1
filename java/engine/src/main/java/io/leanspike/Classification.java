package io.leanspike;

/**
 * The answer for one text.
 *
 * @param label the model's name of the winning class; the value itself for a regression model
 * @param probabilities softmax of the logits; empty for a regression model
 * @param logits one a label
 * @param truncated true when the text was longer than the model reads
 */
public record Classification(String label, double[] probabilities, double[] logits, boolean truncated) {

    static Classification of(double[] logits, java.util.List<String> labels, boolean truncated) {
        if (logits.length == 1) {
            return new Classification(Double.toString(logits[0]), new double[0], logits, truncated);
        }
        int best = 0;
        for (int c = 1; c < logits.length; c++) {
            best = logits[c] > logits[best] ? c : best;
        }
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] = Math.exp(logits[c] - logits[best]);
            sum += probabilities[c];
        }
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] /= sum;
        }
        return new Classification(labels.get(best), probabilities, logits, truncated);
    }
}
