package io.leanspike.eval;

import io.leanspike.text.GlueMetric;
import io.leanspike.text.GlueTask;
import java.util.Arrays;
import java.util.LinkedHashMap;

/** The metrics of a GLUE task, by the names GLUE gives them. */
public final class TaskMetrics {
    private TaskMetrics() {}

    /**
     * Every metric of the task, the main one first.
     *
     * @param predictions [examples] label indices in the order of {@link GlueTask#labels}, or scores for regression
     * @param golds [examples] of the same kind
     * @throws IllegalArgumentException when the lengths differ or there are no examples
     */
    public static LinkedHashMap<String, Double> compute(GlueTask task, double[] predictions, double[] golds) {
        LinkedHashMap<String, Double> values = new LinkedHashMap<>();
        for (GlueMetric metric : task.metrics()) {
            values.put(metric.toString(), value(metric, predictions, golds));
        }
        return values;
    }

    private static double value(GlueMetric metric, double[] predictions, double[] golds) {
        return switch (metric) {
            case ACCURACY -> Metrics.accuracy(labels(predictions), labels(golds));
            case F1 -> Metrics.f1(labels(predictions), labels(golds));
            case MATTHEWS_CORRELATION -> Metrics.matthews(labels(predictions), labels(golds));
            case PEARSON -> Metrics.pearson(predictions, golds);
            case SPEARMAN -> Metrics.spearman(predictions, golds);
        };
    }

    private static int[] labels(double[] values) {
        return Arrays.stream(values).mapToInt(value -> (int) value).toArray();
    }
}
