package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * Bit-packed spikes [rows, timesteps, width], off-heap: unit j of a (row, timestep) is bit {@code j % 64} of 64-bit word
 * {@code j / 64}; bits beyond the width are zero. A row is one token, so its timesteps lie side by side.
 *
 * @param words {@code rows * timesteps * wordsPerStep(width)} 64-bit words
 */
public record SpikeTensor(MemorySegment words, int rows, int timesteps, int width) {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    /** @throws IllegalArgumentException when the size of {@code words} does not fit the shape */
    public SpikeTensor {
        Shapes.requireBytes(words, bytes(rows, timesteps, width), "spike tensor", rows, timesteps, width);
    }

    /** A tensor without spikes, 64-byte aligned. */
    public static SpikeTensor allocate(SegmentAllocator allocator, int rows, int timesteps, int width) {
        return new SpikeTensor(allocator.allocate(bytes(rows, timesteps, width), 64).fill((byte) 0), rows, timesteps, width);
    }

    /** 64-bit words that hold the units of one (row, timestep). */
    public static int wordsPerStep(int width) {
        return (width + 63) / 64;
    }

    /** Bytes of a tensor of this shape. */
    public static long bytes(int rows, int timesteps, int width) {
        return (long) rows * timesteps * wordsPerStep(width) * Long.BYTES;
    }

    public boolean get(int row, int timestep, int unit) {
        return (words.get(WORD, wordOffset(row, timestep, unit)) >>> unit & 1) != 0;
    }

    public void set(int row, int timestep, int unit) {
        long offset = wordOffset(row, timestep, unit);
        words.set(WORD, offset, words.get(WORD, offset) | 1L << unit);
    }

    private long wordOffset(int row, int timestep, int unit) {
        return (((long) row * timesteps + timestep) * wordsPerStep(width) + unit / 64) * Long.BYTES;
    }
}
