package io.leanspike.model;

import java.util.List;

/** All weights of a spiking BERT with its classifier. The matrices may be views of a memory-mapped checkpoint. */
public record EncoderWeights(EmbeddingWeights embeddings, List<LayerWeights> layers, LinearWeights classifier) {

    public EncoderWeights {
        layers = List.copyOf(layers);
    }
}
