package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.train.pretrained.EncoderShape;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;

/** All parameters of an encoder, with or without a linear classifier on its first token. Alive until the manager is closed. */
public final class EncoderParameters implements Trained {
    /** @param weight [outputs, hidden] @param bias [outputs] */
    private record Classifier(Parameter weight, Parameter bias) {}

    /** BERT's initializer range, for a classifier that no one has trained yet. */
    private static final double INITIAL_DEVIATION = 0.02;

    private final EncoderShape shape;
    private final int outputs;
    private final WordTable words;
    private final Parameter positions;
    private final Parameter types;
    private final Parameter normGain;
    private final Parameter normShift;
    private final List<LayerParameters> layers = new ArrayList<>();
    private final Optional<Classifier> classifier;

    /**
     * Copies a pretrained encoder.
     *
     * @param layersFrom the source's layer that each layer starts as
     * @param outputs logits of the classifier, copied when the source has one of this size, else drawn with {@code seed}; 0 for none
     */
    public EncoderParameters(NDManager manager, PretrainedEncoder source, List<Integer> layersFrom, int outputs, long seed) {
        this.shape = source.shape().withLayers(layersFrom.size());
        this.outputs = outputs;
        int hidden = shape.hidden();
        words = new WordTable(manager, source.tensor("embeddings.word_embeddings.weight", shape.vocabulary() * hidden),
                shape.vocabulary(), hidden);
        positions = table(manager, source, "embeddings.position_embeddings.weight", shape.positions());
        types = table(manager, source, "embeddings.token_type_embeddings.weight", shape.types());
        normGain = vector(manager, source, "embeddings.LayerNorm.weight");
        normShift = vector(manager, source, "embeddings.LayerNorm.bias");
        for (int layer = 0; layer < layersFrom.size(); layer++) {
            layers.add(LayerParameters.copy(manager, source, layersFrom.get(layer), layer));
        }
        classifier = outputs == 0 ? Optional.empty() : Optional.of(classifier(manager, source, seed));
    }

    private Classifier classifier(NDManager manager, PretrainedEncoder source, long seed) {
        int hidden = shape.hidden();
        boolean trained = source.has("classifier.weight") && source.tensors().get("classifier.bias").length == outputs;
        return new Classifier(
                Parameter.of(manager, "classifier.weight",
                        trained ? source.tensor("classifier.weight", outputs * hidden) : drawn(outputs * hidden, seed), true, outputs, hidden),
                Parameter.of(manager, "classifier.bias",
                        trained ? source.tensor("classifier.bias", outputs) : new float[outputs], false, outputs));
    }

    private Parameter table(NDManager manager, PretrainedEncoder source, String name, int rows) {
        return Parameter.of(manager, name, source.tensor(name, rows * shape.hidden()), true, rows, shape.hidden());
    }

    private Parameter vector(NDManager manager, PretrainedEncoder source, String name) {
        return Parameter.of(manager, name, source.tensor(name, shape.hidden()), false, shape.hidden());
    }

    private static float[] drawn(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextGaussian() * INITIAL_DEVIATION);
        }
        return values;
    }

    public EncoderShape shape() {
        return shape;
    }

    @Override
    public WordTable words() {
        return words;
    }

    public Parameter positions() {
        return positions;
    }

    public Parameter types() {
        return types;
    }

    public Parameter normGain() {
        return normGain;
    }

    public Parameter normShift() {
        return normShift;
    }

    public List<LayerParameters> layers() {
        return layers;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(List.of(positions, types, normGain, normShift));
        layers.forEach(layer -> all.addAll(layer.all()));
        classifier.ifPresent(head -> all.addAll(List.of(head.weight(), head.bias())));
        return all;
    }

    /**
     * Adds what a forward pass reads.
     *
     * @param tables what embedding tables are used as, but for the words, @param matrices what the layers' matrices are used as
     */
    public Leaves addTo(Leaves leaves, UnaryOperator<NDArray> tables, UnaryOperator<NDArray> matrices) {
        for (Parameter parameter : parameters()) {
            boolean isTable = parameter == positions || parameter == types;
            boolean isMatrix = parameter.decays() && parameter.name().startsWith("encoder.");
            leaves.add(parameter.value(), isTable ? tables : isMatrix ? matrices : UnaryOperator.identity());
        }
        return leaves;
    }

    /** Adds all parameters as they are. */
    public Leaves addTo(Leaves leaves) {
        return addTo(leaves, UnaryOperator.identity(), UnaryOperator.identity());
    }

    /** Makes this an encoder that is only run, such as a teacher. */
    public EncoderParameters freeze() {
        words.freeze();
        return this;
    }

    /**
     * LayerNorm(E_word + E_position + E_type).
     *
     * @param rows the batch's words
     * @return [B, L, hidden]
     */
    public NDArray embed(Leaves leaves, TokenTensors batch, WordTable.Rows rows) {
        NDArray sum = Torch.rows(batch.words(), rows.leaf())
                .add(Torch.rows(batch.positions(), leaves.of(positions)))
                .add(Torch.rows(batch.types(), leaves.of(types)));
        return leaves.layerNorm(sum, normGain, normShift, shape.normEps());
    }

    /**
     * Logits [B, outputs] of the first token.
     *
     * @param first [B, hidden]
     * @throws java.util.NoSuchElementException when there is no classifier
     */
    public NDArray classify(Leaves leaves, NDArray first) {
        Classifier head = classifier.orElseThrow();
        return leaves.linear(first, head.weight(), head.bias());
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        parameters().forEach(parameter -> parameter.addTo(state));
        new Parameter("embeddings.word_embeddings.weight", words.value(), words.mean(), words.variance(), false).addTo(state);
        return state;
    }
}
