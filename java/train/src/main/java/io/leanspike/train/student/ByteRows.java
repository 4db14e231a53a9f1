package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;

/**
 * Embedding tables as the engine stores them in 8 bits: one scale a row, {@code scale = max|row| / 127}, elements rounded to even
 * ({@link io.leanspike.compress.EmbeddingQuantization}).
 */
public final class ByteRows {
    private static final int LARGEST = 127;

    private ByteRows() {}

    /** @param table [rows, width], not part of a gradient graph */
    public static NDArray of(NDArray table) {
        NDArray scale = table.abs().max(new int[] {1}, true).div(LARGEST);
        NDArray nonZero = scale.add(scale.eq(0).toType(scale.getDataType(), false));
        return table.div(nonZero).round().muli(nonZero);
    }
}
