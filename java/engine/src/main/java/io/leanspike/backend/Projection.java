package io.leanspike.backend;

import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import java.util.Locale;
import java.util.Optional;

/** The six matrix products of an encoder layer: which weights, which spikes go in and what comes out. */
public enum Projection {
    QUERY(Epilogue.REAL),
    KEY(Epilogue.MEMBRANE),
    VALUE(Epilogue.MEMBRANE),
    ATTENTION_OUTPUT(Epilogue.NORM_MEMBRANE),
    INTERMEDIATE(Epilogue.GELU_MEMBRANE),
    OUTPUT(Epilogue.NORM_MEMBRANE);

    private final Epilogue epilogue;

    Projection(Epilogue epilogue) {
        this.epilogue = epilogue;
    }

    public Epilogue epilogue() {
        return epilogue;
    }

    public LinearWeights weights(LayerWeights layer) {
        return switch (this) {
            case QUERY -> layer.query();
            case KEY -> layer.key();
            case VALUE -> layer.value();
            case ATTENTION_OUTPUT -> layer.attentionOutput();
            case INTERMEDIATE -> layer.intermediate();
            case OUTPUT -> layer.output();
        };
    }

    /** The layer with other weights of this product. */
    public LayerWeights in(LayerWeights layer, LinearWeights linear) {
        return new LayerWeights(
                this == QUERY ? linear : layer.query(),
                this == KEY ? linear : layer.key(),
                this == VALUE ? linear : layer.value(),
                this == ATTENTION_OUTPUT ? linear : layer.attentionOutput(),
                layer.attentionOutputNorm(),
                this == INTERMEDIATE ? linear : layer.intermediate(),
                this == OUTPUT ? linear : layer.output(),
                layer.outputNorm());
    }

    /** The LayerNorm of the epilogue; empty for products without one. */
    public Optional<LayerNormWeights> norm(LayerWeights layer) {
        return switch (this) {
            case ATTENTION_OUTPUT -> Optional.of(layer.attentionOutputNorm());
            case OUTPUT -> Optional.of(layer.outputNorm());
            default -> Optional.empty();
        };
    }

    /** The population whose spikes are the product's operand. */
    public Population input(int layer) {
        return switch (this) {
            case QUERY, KEY, VALUE -> Population.inputOf(layer);
            case ATTENTION_OUTPUT -> new Population(layer, Population.Kind.CONTEXT);
            case INTERMEDIATE -> new Population(layer, Population.Kind.ATTENTION_OUTPUT);
            case OUTPUT -> new Population(layer, Population.Kind.INTERMEDIATE);
        };
    }

    /** The population added before the LayerNorm; empty for products without one. */
    public Optional<Population> residual(int layer) {
        return switch (this) {
            case ATTENTION_OUTPUT -> Optional.of(Population.inputOf(layer));
            case OUTPUT -> Optional.of(new Population(layer, Population.Kind.ATTENTION_OUTPUT));
            default -> Optional.empty();
        };
    }

    /** The population that the product drives; empty for the query, which has no neuron. */
    public Optional<Population> output(int layer) {
        return switch (this) {
            case QUERY -> Optional.empty();
            case KEY -> Optional.of(new Population(layer, Population.Kind.KEY));
            case VALUE -> Optional.of(new Population(layer, Population.Kind.VALUE));
            case ATTENTION_OUTPUT -> Optional.of(new Population(layer, Population.Kind.ATTENTION_OUTPUT));
            case INTERMEDIATE -> Optional.of(new Population(layer, Population.Kind.INTERMEDIATE));
            case OUTPUT -> Optional.of(new Population(layer, Population.Kind.OUTPUT));
        };
    }

    /** Name of what the product makes, as in {@code layer.0.query}. */
    public String outputName(int layer) {
        return "layer." + layer + "." + name().toLowerCase(Locale.ROOT);
    }
}
