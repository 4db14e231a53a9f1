package io.leanspike;

import io.leanspike.eval.Logits;
import java.util.List;

/**
 * The answer for one text.
 *
 * @param label the model's name of the winning class; the value itself for a regression model
 * @param probabilities softmax of the logits; empty for a regression model
 * @param logits one a label
 * @param truncated true when the text was longer than the model reads
 */
public record Classification(String label, double[] probabilities, double[] logits, boolean truncated) {

    static Classification of(double[] logits, List<String> labels, boolean truncated) {
        if (logits.length == 1) {
            return new Classification(Double.toString(logits[0]), new double[0], logits, truncated);
        }
        return new Classification(labels.get(Logits.winner(logits)), Logits.probabilities(logits), logits, truncated);
    }
}
