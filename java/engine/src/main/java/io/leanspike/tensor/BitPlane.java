package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A bit for each element of a matrix [rows, columns]: column j of a row is bit {@code j % 64} of 64-bit little-endian word
 * {@code j / 64} of that row, as in a {@link SpikeTensor}; bits beyond the columns are zero.
 *
 * @param words {@code rows * SpikeTensor.wordsPerStep(columns)} words; need not be aligned
 */
public record BitPlane(MemorySegment words, int rows, int columns) {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** @throws IllegalArgumentException when the size of {@code words} does not fit the shape */
    public BitPlane {
        Shapes.requireBytes(words, bytes(rows, columns), "bit plane", rows, columns);
    }

    /** A plane of zeros, 64-byte aligned. */
    public static BitPlane allocate(SegmentAllocator allocator, int rows, int columns) {
        return new BitPlane(allocator.allocate(bytes(rows, columns), 64).fill((byte) 0), rows, columns);
    }

    /** Bytes of a plane of this shape. */
    public static long bytes(int rows, int columns) {
        return (long) rows * SpikeTensor.wordsPerStep(columns) * Long.BYTES;
    }

    public boolean get(int row, int column) {
        return (word(row, column / 64) >>> column & 1) != 0;
    }

    public void set(int row, int column) {
        words.set(WORD, offset(row, column / 64), word(row, column / 64) | 1L << column);
    }

    /** The 64 columns of a row from {@code 64 * index} on. */
    public long word(int row, int index) {
        return words.get(WORD, offset(row, index));
    }

    /** True when no bit beyond the columns is set. */
    public boolean isPadded() {
        int used = columns % 64;
        if (used == 0) {
            return true;
        }
        for (int row = 0; row < rows; row++) {
            if (word(row, columns / 64) >>> used != 0) {
                return false;
            }
        }
        return true;
    }

    private long offset(int row, int index) {
        return ((long) row * SpikeTensor.wordsPerStep(columns) + index) * Long.BYTES;
    }
}
