package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A matrix of floating-point elements.
 *
 * @param elements {@code rows * columns} little-endian elements of {@code type}; need not be aligned
 * @param type F32, F16 or BF16
 */
public record DenseMatrix(MemorySegment elements, ElementType type, int rows, int columns) implements WeightMatrix {

    /** @throws IllegalArgumentException when the type is not F32, F16 or BF16, or the size does not fit the shape */
    public DenseMatrix {
        if (type != ElementType.F32 && type != ElementType.F16 && type != ElementType.BF16) {
            throw new IllegalArgumentException("a dense matrix holds F32, F16 or BF16 elements, not " + type);
        }
        Shapes.requireBytes(elements, (long) rows * columns * type.bytes(), "dense matrix", rows, columns);
    }

    @Override
    public double get(int row, int column) {
        long index = (long) row * columns + column;
        return switch (type) {
            case F32 -> elements.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4);
            case F16 -> Float.float16ToFloat(elements.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2));
            case BF16 -> Float.intBitsToFloat(elements.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2) << 16);
            default -> throw new IllegalStateException("unreachable: " + type);
        };
    }

    @Override
    public boolean isOpen() {
        return elements.scope().isAlive();
    }

    @Override
    public long bytes() {
        return elements.byteSize();
    }
}
