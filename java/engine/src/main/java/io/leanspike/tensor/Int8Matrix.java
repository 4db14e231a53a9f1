package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A matrix of signed bytes with one scale a row: element (r, c) stands for {@code scales[r] * elements[r, c]}.
 *
 * @param elements {@code rows * columns} signed bytes
 * @param scales {@code rows} little-endian float32 values; need not be aligned
 */
public record Int8Matrix(MemorySegment elements, MemorySegment scales, int rows, int columns) implements WeightMatrix {

    /** @throws IllegalArgumentException when a size does not fit the shape */
    public Int8Matrix {
        Shapes.requireBytes(elements, (long) rows * columns, "8-bit matrix", rows, columns);
        Shapes.requireBytes(scales, (long) rows * Float.BYTES, "scales of an 8-bit matrix", rows, columns);
    }

    @Override
    public double get(int row, int column) {
        // The product is rounded to float32, as every float32 backend does, so that all of them read the same weight.
        return scales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * Float.BYTES)
                * elements.get(ValueLayout.JAVA_BYTE, (long) row * columns + column);
    }

    @Override
    public boolean isOpen() {
        return elements.scope().isAlive() && scales.scope().isAlive();
    }

    @Override
    public long bytes() {
        return elements.byteSize() + scales.byteSize();
    }
}
