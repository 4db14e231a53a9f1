package io.leanspike.train.student;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import io.leanspike.compress.UnitImportance;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.SpikingConfig;
import io.leanspike.train.data.BatchPlan;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.TaskScore;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.LayerParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.pretrained.SpikingEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

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
    private final List<Coding> codings;
    private final TaskExamples examples;
    private final List<Sums> layers = new ArrayList<>();

    public TaylorImportance(NDManager manager, EncoderParameters parameters, Coding coding, TaskExamples examples) {
        this.manager = manager;
        this.parameters = parameters;
        this.examples = examples;
        codings = Collections.nCopies(parameters.layers().size(), coding);
        int hidden = parameters.shape().hidden();
        for (int i = 0; i < parameters.layers().size(); i++) {
            layers.add(new Sums(new double[parameters.shape().heads()], new double[hidden], new double[hidden],
                    new double[parameters.shape().intermediate()]));
        }
    }

    /**
     * Of a spiking model as it is stored.
     *
     * @throws io.leanspike.error.InvalidInputException when the model has neurons or sizes that the trainer does not know
     */
    public static TaylorImportance of(Checkpoint model, NDManager manager, TaskExamples examples) {
        PretrainedEncoder source = SpikingEncoder.read(model);
        List<Integer> layers = IntStream.range(0, source.shape().layers()).boxed().toList();
        return new TaylorImportance(manager, new EncoderParameters(manager, source, layers, examples.outputs(), 0),
                coding(model.config().spiking()), examples);
    }

    /** The rate code of the model's timesteps; where layers differ in theirs, its limit. */
    private static Coding coding(SpikingConfig spiking) {
        return spiking.timesteps().stream().distinct().count() == 1
                ? new Coding.Rates(spiking.timesteps().getFirst(), spiking.initialPotential())
                : new Coding.Equilibrium();
    }

    /**
     * Runs all examples.
     *
     * @param batchSize examples whose changes are added up before their size is taken; 1 tells most
     * @return one a layer
     */
    public List<UnitImportance> measure(int batchSize) {
        List<int[]> batches = BatchPlan.byLength(examples.texts(), batchSize, Integer.MAX_VALUE).batches();
        batches.forEach(batch -> add(batch, batches.size()));
        return layers.stream().map(sums -> new UnitImportance(sums.keys, sums.values, sums.neurons, Optional.of(sums.heads))).toList();
    }

    private void add(int[] batch, int batches) {
        Engine engine = Torch.engine();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Leaves leaves = parameters.addTo(Leaves.forTraining(), ByteRows::of, UnaryOperator.identity());
            try (GradientCollector gradients = engine.newGradientCollector()) {
                TokenTensors tokens = TokenTensors.of(manager, examples.texts().select(batch));
                StudentForward forward = new StudentForward(parameters, leaves, codings, List.of());
                NDArray logits = forward.logits(forward.run(tokens, parameters.words().rows(tokens.distinct(), ByteRows::of)));
                gradients.backward(TaskScore.loss(examples, logits, TaskScore.golds(examples, manager, batch)));
            }
            for (int i = 0; i < layers.size(); i++) {
                add(parameters.layers().get(i), leaves, layers.get(i), batches);
            }
        }
    }

    private static void add(LayerParameters layer, Leaves leaves, Sums sums, int batches) {
        int hidden = sums.keys.length;
        float[] query = Arrays.copyOf(products(leaves, layer.projection()), hidden * hidden);
        float[] bias = products(leaves, layer.projectionBias());
        for (int c = 0; c < hidden; c++) {
            double change = bias[c];
            for (int k = 0; k < hidden; k++) {
                change += query[c * hidden + k];
            }
            sums.keys[c] += Math.abs(change) / batches;
        }
        double[] context = columns(products(leaves, layer.attentionOutput()), hidden);
        double[] wide = columns(products(leaves, layer.output()), sums.neurons.length);
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
    }

    /** value x gradient, element by element. */
    private static float[] products(Leaves leaves, Parameter parameter) {
        return leaves.gradient(parameter.value()).mul(parameter.value()).toFloatArray();
    }

    private static double[] columns(float[] matrix, int columns) {
        double[] sums = new double[columns];
        for (int i = 0; i < matrix.length; i++) {
            sums[i % columns] += matrix[i];
        }
        return sums;
    }
}
