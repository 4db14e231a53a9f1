package io.leanspike.train.student;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import io.leanspike.compress.UnitImportance;
import io.leanspike.train.data.BatchPlan;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.TaskScore;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.LayerParameters;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the loss would change to first order if a unit were silent (arXiv 1906.10771): |sum over tokens of a dL/da| for a unit's activity
 * a, its mean over batches. No gradient of a is needed: a reaches the loss only through its column w of the next matrix, so that the sum
 * is w . dL/dw. A key column reaches it through the query it is multiplied with, and q dL/dq likewise is the query's row
 * w . dL/dw + b dL/db.
 */
public final class TaylorImportance {
    /** Means of one layer. */
    private record Sums(double[] heads, double[] keys, double[] values, double[] neurons) {}

    private final NDManager manager;
    private final EncoderParameters parameters;
    private final StudentForward forward;
    private final TaskExamples examples;
    private final List<Sums> layers = new ArrayList<>();

    /** @param parameters of the model, whose gradients are collected and left at 0 */
    public TaylorImportance(NDManager manager, EncoderParameters parameters, Coding coding, TaskExamples examples) {
        this.manager = manager;
        this.parameters = parameters;
        this.examples = examples;
        forward = new StudentForward(parameters, coding, WeightBits.FLOAT);
        int hidden = parameters.shape().hidden();
        for (int i = 0; i < parameters.layers().size(); i++) {
            layers.add(new Sums(new double[parameters.shape().heads()], new double[hidden], new double[hidden],
                    new double[parameters.shape().intermediate()]));
        }
    }

    /**
     * Runs all examples.
     *
     * @param batchSize examples whose changes are added up before their size is taken; 1 tells most
     * @return one a layer
     */
    public List<UnitImportance> measure(int batchSize) {
        List<int[]> batches = BatchPlan.byLength(examples.encodings(), batchSize, Integer.MAX_VALUE).batches();
        for (int[] batch : batches) {
            run(batch);
            for (int i = 0; i < layers.size(); i++) {
                add(parameters.layers().get(i), layers.get(i), batches.size());
            }
        }
        return layers.stream().map(sums -> new UnitImportance(sums.keys, sums.values, sums.neurons, Optional.of(sums.heads))).toList();
    }

    private void run(int[] batch) {
        Engine engine = Torch.engine();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            try (GradientCollector gradients = engine.newGradientCollector()) {
                TokenTensors tokens = TokenTensors.of(manager, BatchPlan.select(examples.encodings(), batch));
                NDArray logits = forward.run(tokens, parameters.words().rows(tokens.distinct())).logits();
                gradients.backward(TaskScore.loss(examples, logits, TaskScore.golds(examples, manager, batch)));
            }
        }
    }

    private void add(LayerParameters layer, Sums sums, int batches) {
        int hidden = sums.keys.length;
        float[] query = Arrays.copyOf(products(layer.projection()), hidden * hidden);
        float[] bias = products(layer.projectionBias());
        for (int c = 0; c < hidden; c++) {
            double change = bias[c];
            for (int k = 0; k < hidden; k++) {
                change += query[c * hidden + k];
            }
            sums.keys[c] += Math.abs(change) / batches;
        }
        double[] context = columns(products(layer.attentionOutput()), hidden);
        double[] wide = columns(products(layer.output()), sums.neurons.length);
        int headSize = hidden / sums.heads.length;
        for (int h = 0; h < sums.heads.length; h++) {
            double change = 0;
            for (int c = h * headSize; c < (h + 1) * headSize; c++) {
                change += context[c];
                sums.values[c] += Math.abs(context[c]) / batches;
            }
            sums.heads[h] += Math.abs(change) / batches;
        }
        for (int j = 0; j < wide.length; j++) {
            sums.neurons[j] += Math.abs(wide[j]) / batches;
        }
        layer.all().forEach(TaylorImportance::forget);
    }

    /** value x gradient, element by element. */
    private static float[] products(Parameter parameter) {
        try (NDArray gradient = parameter.value().getGradient(); NDArray product = gradient.mul(parameter.value())) {
            return product.toFloatArray();
        }
    }

    private static double[] columns(float[] matrix, int columns) {
        double[] sums = new double[columns];
        for (int i = 0; i < matrix.length; i++) {
            sums[i % columns] += matrix[i];
        }
        return sums;
    }

    private static void forget(Parameter parameter) {
        try (NDArray gradient = parameter.value().getGradient()) {
            gradient.subi(gradient);
        }
    }
}
