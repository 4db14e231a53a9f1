package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import io.leanspike.train.nn.Torch;

/**
 * Embedding tables as the engine stores them in 8 bits: one scale a row, {@code scale = max|row| / 127}, elements rounded to even
 * ({@link io.leanspike.compress.EmbeddingQuantization}). Gradients go straight through.
 */
public final class ByteRows {
    private static final int LARGEST = 127;

    private ByteRows() {}

    /** @param table [rows, width] */
    public static NDArray of(NDArray table) {
        NDArray fixed = table.stopGradient();
        NDArray scale = fixed.abs().max(new int[] {1}, true).div(LARGEST);
        NDArray nonZero = scale.add(scale.eq(0).toType(scale.getDataType(), false));
        return Torch.straightThrough(table, fixed.div(nonZero).round().muli(nonZero));
    }
}
