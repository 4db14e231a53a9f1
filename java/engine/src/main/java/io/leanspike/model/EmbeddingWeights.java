package io.leanspike.model;

import io.leanspike.tensor.WeightMatrix;

/**
 * The embedding tables and their LayerNorm.
 *
 * @param word [vocabulary, hidden]
 * @param position [max positions, hidden]
 * @param tokenType [token types, hidden]
 */
public record EmbeddingWeights(WeightMatrix word, WeightMatrix position, WeightMatrix tokenType, LayerNormWeights norm) {}
