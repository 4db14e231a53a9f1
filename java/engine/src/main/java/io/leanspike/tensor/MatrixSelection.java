package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** The matrix that some rows, or some columns, of another make: stored as that one is, element for element. */
public final class MatrixSelection {
    private MatrixSelection() {}

    /** @param rows in the order they stand in afterwards */
    public static WeightMatrix rows(WeightMatrix source, int[] rows, SegmentAllocator allocator) {
        return switch (source) {
            case DenseMatrix dense -> new DenseMatrix(rowsOf(dense.elements(), (long) dense.columns() * dense.type().bytes(), rows, allocator),
                    dense.type(), rows.length, dense.columns());
            case Int8Matrix bytes -> new Int8Matrix(rowsOf(bytes.elements(), bytes.columns(), rows, allocator),
                    rowsOf(bytes.scales(), Float.BYTES, rows, allocator), rows.length, bytes.columns());
            case BinaryMatrix binary -> new BinaryMatrix(rowsOf(binary.plus(), rows, allocator),
                    rowsOf(binary.scales(), Float.BYTES, rows, allocator));
            case TernaryMatrix ternary -> new TernaryMatrix(rowsOf(ternary.plus(), rows, allocator), rowsOf(ternary.minus(), rows, allocator),
                    rowsOf(ternary.scales(), Float.BYTES, rows, allocator));
        };
    }

    /** @param columns in the order they stand in afterwards */
    public static WeightMatrix columns(WeightMatrix source, int[] columns, SegmentAllocator allocator) {
        return switch (source) {
            case DenseMatrix dense -> new DenseMatrix(
                    columnsOf(dense.elements(), dense.rows(), dense.columns(), dense.type().bytes(), columns, allocator),
                    dense.type(), dense.rows(), columns.length);
            case Int8Matrix bytes -> new Int8Matrix(columnsOf(bytes.elements(), bytes.rows(), bytes.columns(), 1, columns, allocator),
                    bytes.scales(), bytes.rows(), columns.length);
            case BinaryMatrix binary -> new BinaryMatrix(columnsOf(binary.plus(), columns, allocator), binary.scales());
            case TernaryMatrix ternary -> new TernaryMatrix(columnsOf(ternary.plus(), columns, allocator),
                    columnsOf(ternary.minus(), columns, allocator), ternary.scales());
        };
    }

    private static MemorySegment rowsOf(MemorySegment source, long rowBytes, int[] rows, SegmentAllocator allocator) {
        MemorySegment out = allocator.allocate(rows.length * rowBytes, Long.BYTES);
        for (int i = 0; i < rows.length; i++) {
            MemorySegment.copy(source, rows[i] * rowBytes, out, i * rowBytes, rowBytes);
        }
        return out;
    }

    private static BitPlane rowsOf(BitPlane source, int[] rows, SegmentAllocator allocator) {
        return new BitPlane(rowsOf(source.words(), BitPlane.bytes(1, source.columns()), rows, allocator), rows.length, source.columns());
    }

    private static MemorySegment columnsOf(MemorySegment source, int rows, int width, int bytes, int[] columns, SegmentAllocator allocator) {
        MemorySegment out = allocator.allocate((long) rows * columns.length * bytes, Long.BYTES);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns.length; i++) {
                long from = ((long) row * width + columns[i]) * bytes;
                long to = ((long) row * columns.length + i) * bytes;
                for (int b = 0; b < bytes; b++) {
                    out.set(ValueLayout.JAVA_BYTE, to + b, source.get(ValueLayout.JAVA_BYTE, from + b));
                }
            }
        }
        return out;
    }

    private static BitPlane columnsOf(BitPlane source, int[] columns, SegmentAllocator allocator) {
        BitPlane out = BitPlane.allocate(allocator, source.rows(), columns.length);
        for (int row = 0; row < source.rows(); row++) {
            for (int i = 0; i < columns.length; i++) {
                if (source.get(row, columns[i])) {
                    out.set(row, i);
                }
            }
        }
        return out;
    }
}
