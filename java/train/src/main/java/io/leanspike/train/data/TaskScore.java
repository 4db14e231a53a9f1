package io.leanspike.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.eval.Logits;
import io.leanspike.eval.TaskMetrics;
import io.leanspike.text.GlueTask;
import io.leanspike.train.nn.TokenTensors;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;

/** Scores a forward pass on examples with the task's own metrics. */
public final class TaskScore {
    private static final int SEQUENCES = 64;
    private static final int TOKENS = 2048;

    private TaskScore() {}

    /** Logits of every example, in order. @param forward a batch to its logits [B, outputs]; run where no gradients are collected */
    public static float[][] logits(TaskExamples examples, NDManager manager, Function<TokenTensors, NDArray> forward) {
        float[][] logits = new float[examples.size()][];
        for (int[] batch : BatchPlan.byLength(examples.texts(), SEQUENCES, TOKENS).batches()) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                float[] values = forward.apply(TokenTensors.of(manager, examples.texts().select(batch))).toFloatArray();
                int outputs = values.length / batch.length;
                for (int i = 0; i < batch.length; i++) {
                    logits[batch[i]] = Arrays.copyOfRange(values, i * outputs, (i + 1) * outputs);
                }
            }
        }
        return logits;
    }

    /** The task's metrics of logits. */
    public static SequencedMap<String, Double> metrics(TaskExamples examples, float[][] logits) {
        double[] predictions = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            predictions[i] = examples.task().isRegression() ? logits[i][0] : Logits.winner(doubles(logits[i]));
        }
        return TaskMetrics.compute(examples.task(), predictions, examples.golds());
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    /** The true answers of a batch: label indices [B] int64, or scores [B] float32. */
    public static NDArray golds(TaskExamples examples, NDManager manager, int[] batch) {
        if (examples.task().isRegression()) {
            float[] scores = new float[batch.length];
            for (int i = 0; i < batch.length; i++) {
                scores[i] = (float) examples.golds()[batch[i]];
            }
            return manager.create(scores);
        }
        return manager.create(Arrays.stream(batch).mapToLong(i -> (long) examples.golds()[i]).toArray());
    }

    /** Mean cross-entropy of logits [B, outputs] to labels [B], or the mean squared error of a regression. */
    public static NDArray loss(TaskExamples examples, NDArray logits, NDArray golds) {
        if (examples.task().isRegression()) {
            return logits.squeeze(-1).sub(golds).square().mean();
        }
        return logits.logSoftmax(-1).gather(golds.expandDims(-1), 1).mean().neg();
    }

    /** Names of the logits, for config.json. */
    public static List<String> labels(GlueTask task) {
        return task.isRegression() ? List.of("score") : task.labels();
    }
}
