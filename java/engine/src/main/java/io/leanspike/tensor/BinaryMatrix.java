package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A 1-bit matrix: element (r, c) stands for {@code scales[r]} where its bit is set, else for {@code -scales[r]}.
 *
 * @param scales {@code rows} little-endian float32 values; need not be aligned
 */
public record BinaryMatrix(BitPlane plus, MemorySegment scales) implements LowBitMatrix {

    /** @throws IllegalArgumentException when the scales do not fit the rows */
    public BinaryMatrix {
        Shapes.requireBytes(scales, (long) plus.rows() * Float.BYTES, "scales of a binary matrix", plus.rows(), plus.columns());
    }

    @Override
    public int sign(int row, int column) {
        return plus.get(row, column) ? 1 : -1;
    }

    @Override
    public int rows() {
        return plus.rows();
    }

    @Override
    public int columns() {
        return plus.columns();
    }

    @Override
    public long bytes() {
        return plus.words().byteSize() + scales.byteSize();
    }
}
