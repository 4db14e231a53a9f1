package io.leanspike.compress;

import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Matrices as 8-bit integers, symmetric, one scale a row: {@code scale = max|row| / 127}, {@code element = round(value / scale)}, ties to
 * even.
 */
public final class Int8Quantization {
    private static final int LARGEST = 127;
    private static final ValueLayout.OfFloat SCALE = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Int8Quantization() {}

    /**
     * The 8-bit matrix nearest to {@code dense} in the scheme above. A row of zeros has scale 1.
     *
     * @param allocator gives the memory of the result
     */
    public static Int8Matrix quantize(WeightMatrix dense, SegmentAllocator allocator) {
        int columns = dense.columns();
        MemorySegment elements = allocator.allocate((long) dense.rows() * columns);
        MemorySegment scales = allocator.allocate((long) dense.rows() * Float.BYTES, Float.BYTES);
        for (int row = 0; row < dense.rows(); row++) {
            float scale = scale(dense, row);
            scales.set(SCALE, (long) row * Float.BYTES, scale);
            for (int column = 0; column < columns; column++) {
                double element = Math.rint(dense.get(row, column) / scale);
                // A subnormal scale is coarse enough for the quotient to pass 127.
                byte stored = (byte) Math.clamp(element, -LARGEST, LARGEST);
                elements.set(ValueLayout.JAVA_BYTE, (long) row * columns + column, stored);
            }
        }
        return new Int8Matrix(elements, scales, dense.rows(), columns);
    }

    private static float scale(WeightMatrix dense, int row) {
        double largest = 0;
        for (int column = 0; column < dense.columns(); column++) {
            largest = Math.max(largest, Math.abs(dense.get(row, column)));
        }
        float scale = (float) (largest / LARGEST);
        return scale == 0 ? 1 : scale;
    }
}
