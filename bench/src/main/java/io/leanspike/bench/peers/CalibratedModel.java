package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.bench.SyntheticBatch;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.SpikingConfig;
import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import io.leanspike.train.nn.Torch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A synthetic model whose populations spike about as often as asked: one number a population is added to its currents (through the
 * bias of its product or norm), found by bisection, population by population in the order data passes them. Context has no bias; its
 * density follows the values'. Queries are made large, so that attention looks at few tokens: with even attention the context's
 * currents would all be the same small number, and at few timesteps it would never spike.
 */
final class CalibratedModel implements Checkpointed, AutoCloseable {
    /** Deviation of currents behind a norm: membranes fill at different speeds, few neurons are always or never on. */
    private static final float GAIN = 0.5f;
    /** Deviation of attention scores. */
    private static final double SHARPNESS = 6;
    /** What rounds best at few timesteps, and what trained models use. */
    private static final double INITIAL_POTENTIAL = 0.5;
    /** Halvings of the interval [-4, 4]. */
    private static final int BISECTIONS = 12;
    /** Tokens of the one sequence it is calibrated on, where the model takes so many. */
    private static final int TEXT_LENGTH = 32;

    private final Arena arena = Arena.ofShared();
    private final ModelConfig config;
    private final EncoderWeights weights;

    /**
     * Calibrates at {@code timesteps}.
     *
     * @param base not changed, and to be kept open
     * @param density asked for, by population
     */
    CalibratedModel(SyntheticModel base, int timesteps, ToDoubleFunction<Population.Kind> density) {
        config = spiking(base.config(), timesteps);
        double inputs = density.applyAsDouble(Population.Kind.OUTPUT) * density.applyAsDouble(Population.Kind.KEY);
        // Weights within 2 / sqrt(d): a query's deviation is 2 / sqrt(3) times the root of its inputs' density, a score's that times the keys'.
        EncoderWeights plain = neutral(base.weights(), SHARPNESS * Math.sqrt(3 / inputs) / 2);
        Map<Population, Double> shifts = shifts(plain, timesteps, density);
        weights = shifted(plain, shifts);
    }

    private static ModelConfig spiking(ModelConfig base, int timesteps) {
        return new ModelConfig(base.vocabularySize(), base.hiddenSize(), base.attentionHeads(), base.intermediateSize(), base.hiddenLayers(),
                base.maxPositions(), base.tokenTypes(), base.layerNormEps(), base.labels(),
                new SpikingConfig(Collections.nCopies(base.hiddenLayers(), timesteps), 1, 1, INITIAL_POTENTIAL));
    }

    private EncoderWeights neutral(EncoderWeights base, double querySize) {
        EmbeddingWeights embeddings = base.embeddings();
        LayerWeights first = base.layers().getFirst();
        LinearWeights query = new LinearWeights(times(first.query().weight(), querySize), first.query().bias());
        LayerWeights layer = new LayerWeights(query, first.key(), first.value(), first.attentionOutput(), norm(first.attentionOutputNorm(), 0),
                first.intermediate(), first.output(), norm(first.outputNorm(), 0));
        return new EncoderWeights(new EmbeddingWeights(embeddings.word(), embeddings.position(), embeddings.tokenType(), norm(embeddings.norm(), 0)),
                Collections.nCopies(base.layers().size(), layer), base.classifier());
    }

    private static LayerNormWeights norm(LayerNormWeights like, double shift) {
        float[] gain = new float[like.weight().length];
        float[] bias = new float[gain.length];
        Arrays.fill(gain, GAIN);
        Arrays.fill(bias, (float) shift);
        return new LayerNormWeights(gain, bias, like.eps());
    }

    private WeightMatrix times(WeightMatrix matrix, double factor) {
        return switch (matrix) {
            case DenseMatrix dense -> new DenseMatrix(times(dense.elements(), factor), dense.type(), dense.rows(), dense.columns());
            case Int8Matrix bytes -> new Int8Matrix(bytes.elements(), times(bytes.scales(), factor), bytes.rows(), bytes.columns());
            case TernaryMatrix planes -> new TernaryMatrix(planes.plus(), planes.minus(), times(planes.scales(), factor));
            case BinaryMatrix plane -> new BinaryMatrix(plane.plus(), times(plane.scales(), factor));
        };
    }

    private MemorySegment times(MemorySegment floats, double factor) {
        MemorySegment larger = arena.allocate(floats.byteSize(), 64);
        for (long i = 0; i < floats.byteSize() / Float.BYTES; i++) {
            larger.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (factor * floats.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i)));
        }
        return larger;
    }

    private Map<Population, Double> shifts(EncoderWeights plain, int timesteps, ToDoubleFunction<Population.Kind> density) {
        Map<Population, Double> shifts = new HashMap<>();
        TorchNeurons neurons = TorchNeurons.of(config.spiking());
        try (NDManager manager = Torch.manager(); NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            int[] words = batch(1, Math.min(TEXT_LENGTH, config.maxPositions())).wordIds();
            NDArray wordIds = manager.create(Arrays.stream(words).asLongStream().toArray(), new Shape(1, words.length));
            TorchTimeFolded.Firing firing = (population, values) -> {
                double shift = population.kind() == Population.Kind.CONTEXT ? 0
                        : shift(neurons, timesteps, population, values, density.applyAsDouble(population.kind()));
                shifts.put(population, shift);
                return fire(neurons, timesteps, population, values, shift);
            };
            new TorchTimeFolded(TorchLinear.PLAIN).spikes(TorchEncoder.of(manager, config, plain), wordIds, timesteps, firing);
        }
        return shifts;
    }

    private static NDArray fire(TorchNeurons neurons, int timesteps, Population population, NDArray values, double shift) {
        return neurons.scan(TorchTimeFolded.Firing.currents(population, values.add(shift)), timesteps);
    }

    private static double shift(TorchNeurons neurons, int timesteps, Population population, NDArray values, double density) {
        double low = -4;
        double high = 4;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                boolean tooMany = fire(neurons, timesteps, population, values, middle).mean().getFloat() > density;
                high = tooMany ? middle : high;
                low = tooMany ? low : middle;
            }
        }
        return (low + high) / 2;
    }

    private static EncoderWeights shifted(EncoderWeights plain, Map<Population, Double> shifts) {
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < plain.layers().size(); i++) {
            int number = i;
            LayerWeights layer = plain.layers().get(i);
            ToDoubleFunction<Population.Kind> shift = kind -> shifts.get(new Population(number, kind));
            layers.add(new LayerWeights(layer.query(), biased(layer.key(), shift.applyAsDouble(Population.Kind.KEY)),
                    biased(layer.value(), shift.applyAsDouble(Population.Kind.VALUE)), layer.attentionOutput(),
                    norm(layer.attentionOutputNorm(), shift.applyAsDouble(Population.Kind.ATTENTION_OUTPUT)),
                    biased(layer.intermediate(), shift.applyAsDouble(Population.Kind.INTERMEDIATE)), layer.output(),
                    norm(layer.outputNorm(), shift.applyAsDouble(Population.Kind.OUTPUT))));
        }
        EmbeddingWeights embeddings = plain.embeddings();
        return new EncoderWeights(new EmbeddingWeights(embeddings.word(), embeddings.position(), embeddings.tokenType(),
                norm(embeddings.norm(), shifts.get(Population.EMBEDDING))), layers, plain.classifier());
    }

    private static LinearWeights biased(LinearWeights linear, double bias) {
        float[] biases = new float[linear.outputs()];
        Arrays.fill(biases, (float) bias);
        return new LinearWeights(linear.weight(), biases);
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public EncoderWeights weights() {
        return weights;
    }

    @Override
    public TokenBatch batch(int sequences, int length) {
        return new SyntheticBatch(sequences, length).tokens(config.vocabularySize());
    }

    @Override
    public void close() {
        arena.close();
    }
}
