package io.leanspike.model;

import java.util.List;

/**
 * config.json: the BertConfig fields the engine reads, and the spiking part.
 *
 * @param labels label names in the order of the logits (id2label; "LABEL_i" where the file has none)
 */
public record ModelConfig(
        int vocabularySize,
        int hiddenSize,
        int attentionHeads,
        int intermediateSize,
        int hiddenLayers,
        int maxPositions,
        int tokenTypes,
        double layerNormEps,
        List<String> labels,
        SpikingConfig spiking) {

    public ModelConfig {
        labels = List.copyOf(labels);
    }

    /** d_h, the width of one attention head. */
    public int headSize() {
        return hiddenSize / attentionHeads;
    }
}
