package io.leanspike.model;

/**
 * One encoder layer. {@code attentionOutputNorm} follows {@code attentionOutput}, {@code outputNorm} follows {@code output}.
 */
public record LayerWeights(
        LinearWeights query,
        LinearWeights key,
        LinearWeights value,
        LinearWeights attentionOutput,
        LayerNormWeights attentionOutputNorm,
        LinearWeights intermediate,
        LinearWeights output,
        LayerNormWeights outputNorm) {}
