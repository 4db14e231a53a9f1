package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** A matrix whose elements are a scale of their row times -1, 0 or 1, kept as bits. */
public sealed interface LowBitMatrix extends WeightMatrix permits TernaryMatrix, BinaryMatrix {

    /** One float32 a row; need not be aligned. */
    MemorySegment scales();

    /** -1, 0 or 1. */
    int sign(int row, int column);

    @Override
    default double get(int row, int column) {
        return scales().get(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * Float.BYTES) * sign(row, column);
    }

    @Override
    default boolean isOpen() {
        return scales().scope().isAlive();
    }

    /** The same matrix, a byte an element, for kernels that know no bits; shares the scales. */
    default Int8Matrix toInt8(SegmentAllocator allocator) {
        MemorySegment elements = allocator.allocate((long) rows() * columns());
        for (int row = 0; row < rows(); row++) {
            for (int column = 0; column < columns(); column++) {
                elements.set(ValueLayout.JAVA_BYTE, (long) row * columns() + column, (byte) sign(row, column));
            }
        }
        return new Int8Matrix(elements, scales(), rows(), columns());
    }
}
