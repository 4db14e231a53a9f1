package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * What the encoder's matrices are quantised to in the forward pass, one scale for each row (each output); the float32 weights that
 * are trained stay behind it, and gradients go straight through.
 */
public enum WeightBits {
    /** float32 as it is. */
    FLOAT {
        @Override
        NDArray quantised(NDArray weight) {
            return weight;
        }
    },
    /**
     * 1.58 bits: codes {@code RoundClip(W / mean|W|, -1, 1)} (arXiv 2402.17764), times the scale that comes nearest to the row in
     * the least squares, {@code W.codes / codes.codes}.
     */
    TERNARY {
        @Override
        NDArray quantised(NDArray weight) {
            NDArray codes = weight.div(weight.abs().mean(LAST, true).addi(TINY)).round().clip(-1, 1);
            NDArray scale = weight.mul(codes).sum(LAST, true).divi(codes.abs().sum(LAST, true).addi(TINY));
            return codes.muli(scale);
        }
    },
    /** 1 bit: {@code mean|W| sign(W - mean W)}. */
    BINARY {
        @Override
        NDArray quantised(NDArray weight) {
            NDArray signs = weight.gte(weight.mean(LAST, true)).toType(DataType.FLOAT32, false).muli(2).subi(1);
            return signs.muli(weight.abs().mean(LAST, true));
        }
    };

    private static final int[] LAST = {1};
    /** Keeps a row of zeros from a division by zero. */
    private static final double TINY = 1e-12;

    /** @param weight [outputs, inputs], not part of a gradient graph */
    abstract NDArray quantised(NDArray weight);

    /** Somewhere between the weight, at hardness 0, and the quantised weight, at 1. */
    NDArray quantised(NDArray weight, double hardness) {
        NDArray hard = quantised(weight);
        return hardness == 1 ? hard : weight.add(hard.sub(weight).muli(hardness));
    }
}
