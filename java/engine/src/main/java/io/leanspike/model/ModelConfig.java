package io.leanspike.model;

import java.util.Collections;
import java.util.List;

/**
 * config.json: the BertConfig fields the engine reads, and the spiking part.
 *
 * @param attentionHeads of a layer before pruning
 * @param intermediateSize of a layer before pruning
 * @param labels label names in the order of the logits (id2label; "LABEL_i" where the file has none)
 * @param layers what pruning left of each layer
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
        SpikingConfig spiking,
        List<LayerShape> layers) {

    /** @throws IllegalArgumentException when there is not a shape for each layer */
    public ModelConfig {
        labels = List.copyOf(labels);
        layers = List.copyOf(layers);
        if (layers.size() != hiddenLayers) {
            throw new IllegalArgumentException("%d shapes for %d layers".formatted(layers.size(), hiddenLayers));
        }
    }

    /** Nothing pruned. */
    public ModelConfig(int vocabularySize, int hiddenSize, int attentionHeads, int intermediateSize, int hiddenLayers, int maxPositions,
            int tokenTypes, double layerNormEps, List<String> labels, SpikingConfig spiking) {
        this(vocabularySize, hiddenSize, attentionHeads, intermediateSize, hiddenLayers, maxPositions, tokenTypes, layerNormEps, labels,
                spiking, Collections.nCopies(hiddenLayers,
                        new LayerShape(AttentionHeads.uniform(attentionHeads, hiddenSize / attentionHeads), intermediateSize)));
    }

    /** With other neurons or timesteps. */
    public ModelConfig withSpiking(SpikingConfig other) {
        return new ModelConfig(vocabularySize, hiddenSize, attentionHeads, intermediateSize, hiddenLayers, maxPositions, tokenTypes,
                layerNormEps, labels, other, layers);
    }

    /** With other shapes, one a layer. */
    public ModelConfig withLayers(List<LayerShape> shapes) {
        return new ModelConfig(vocabularySize, hiddenSize, attentionHeads, intermediateSize, hiddenLayers, maxPositions, tokenTypes,
                layerNormEps, labels, spiking, shapes);
    }

    /** d_h, the width of one attention head before pruning. */
    public int headSize() {
        return hiddenSize / attentionHeads;
    }
}
