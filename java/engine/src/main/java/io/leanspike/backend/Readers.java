package io.leanspike.backend;

import io.leanspike.account.FanOut;
import io.leanspike.model.LayerWeights;
import java.util.List;

/** The products of a layer that read one and the same population. */
public enum Readers {
    OF_INPUT(Projection.QUERY, Projection.KEY, Projection.VALUE),
    OF_CONTEXT(Projection.ATTENTION_OUTPUT),
    OF_ATTENTION_OUTPUT(Projection.INTERMEDIATE),
    OF_INTERMEDIATE(Projection.OUTPUT);

    private final List<Projection> projections;

    Readers(Projection... projections) {
        this.projections = List.of(projections);
    }

    public List<Projection> projections() {
        return projections;
    }

    /**
     * The population that they read.
     *
     * @param source what the layer reads of the one before
     */
    public Population population(int layer, Population source) {
        return this == OF_INPUT ? source : projections.getFirst().input(layer);
    }

    public FanOut fanOut(LayerWeights layer) {
        return FanOut.of(projections.stream().map(projection -> projection.weights(layer)).toList());
    }
}
