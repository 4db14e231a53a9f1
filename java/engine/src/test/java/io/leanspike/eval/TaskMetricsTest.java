package io.leanspike.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.text.GlueTask;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskMetricsTest {

    @Test
    void everyTaskIsMeasuredByItsOwnMetricsMainOneFirst() {
        Map<GlueTask, List<String>> names = Map.of(
                GlueTask.SST_2, List.of("accuracy"),
                GlueTask.MRPC, List.of("accuracy", "f1"),
                GlueTask.RTE, List.of("accuracy"),
                GlueTask.COLA, List.of("matthews_correlation"),
                GlueTask.STS_B, List.of("pearson", "spearmanr"),
                GlueTask.QNLI, List.of("accuracy"),
                GlueTask.QQP, List.of("accuracy", "f1"),
                GlueTask.MNLI, List.of("accuracy"),
                GlueTask.MNLI_MM, List.of("accuracy"));
        double[] predictions = {0, 1, 1};
        double[] golds = {0, 1, 0};
        for (GlueTask task : GlueTask.values()) {
            assertEquals(names.get(task), List.copyOf(TaskMetrics.compute(task, predictions, golds).keySet()), task.toString());
        }
    }

    @Test
    void valuesAreThoseOfTheMetrics() {
        assertEquals(Map.of("accuracy", 0.5, "f1", 2.0 / 3),
                TaskMetrics.compute(GlueTask.MRPC, new double[] {1, 1}, new double[] {1, 0}));
        assertEquals(Map.of("accuracy", 0.75),
                TaskMetrics.compute(GlueTask.MNLI, new double[] {0, 1, 2, 2}, new double[] {0, 1, 2, 1}));
        double[] scores = {0.5, 2, 4.5, 4};
        double[] golds = {1, 3, 4, 5};
        assertEquals(Map.of("pearson", Metrics.pearson(scores, golds), "spearmanr", Metrics.spearman(scores, golds)),
                TaskMetrics.compute(GlueTask.STS_B, scores, golds));
    }
}
