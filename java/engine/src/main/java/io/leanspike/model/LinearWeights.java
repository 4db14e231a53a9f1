package io.leanspike.model;

import io.leanspike.tensor.WeightMatrix;

/**
 * A linear layer: {@code y = weight . x + bias}.
 *
 * @param weight [outputs, inputs]
 * @param bias [outputs]
 */
public record LinearWeights(WeightMatrix weight, float[] bias) {

    public int outputs() {
        return weight.rows();
    }

    public int inputs() {
        return weight.columns();
    }
}
