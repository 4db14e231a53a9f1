package io.leanspike.model;

/**
 * LayerNorm over the last axis, biased variance, eps inside the root.
 *
 * @param weight gain, one value a unit
 * @param bias shift, one value a unit
 */
public record LayerNormWeights(float[] weight, float[] bias, float eps) {}
