package io.leanspike.cli;

import io.leanspike.eval.Prediction;
import io.leanspike.text.GlueTask;
import java.util.StringJoiner;

/** The predictions of an evaluation as TSV: line, gold, predicted, and a column for each logit, in the order of the file. */
final class PredictionTable {
    private PredictionTable() {}

    static String text(EvalResult result) {
        GlueTask task = result.evaluation().task();
        StringBuilder text = new StringBuilder();
        StringJoiner header = new StringJoiner("\t", "", "\n").add("line").add("gold").add("predicted");
        for (String label : result.config().labels()) {
            header.add("logit." + label.replaceAll("\\s", " "));
        }
        text.append(header);
        for (Prediction prediction : result.evaluation().predictions()) {
            StringJoiner row = new StringJoiner("\t", "", "\n")
                    .add(Integer.toString(prediction.line()))
                    .add(answer(task, prediction.gold()))
                    .add(answer(task, prediction.predicted()));
            for (double logit : prediction.logits()) {
                row.add(Double.toString(logit));
            }
            text.append(row);
        }
        return text.toString();
    }

    private static String answer(GlueTask task, double value) {
        return task.isRegression() ? Double.toString(value) : task.labels().get((int) value);
    }
}
