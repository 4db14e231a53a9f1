package io.leanspike.bench.peers;

import io.leanspike.bench.ModelShape;
import java.util.Optional;

/** Models that are compared. */
enum PeerShape {
    SPIKINGBERT_4(ModelShape.SPIKINGBERT_4),
    MINILM(ModelShape.MINILM),
    /** The model that comes with the command line, as it comes. */
    SHIPPED(null);

    private final ModelShape shape;

    PeerShape(ModelShape shape) {
        this.shape = shape;
    }

    /** Whose weights are drawn; empty for the shipped model. */
    Optional<ModelShape> synthetic() {
        return Optional.ofNullable(shape);
    }

    @Override
    public String toString() {
        return synthetic().map(ModelShape::toString).orElse("shipped");
    }
}
