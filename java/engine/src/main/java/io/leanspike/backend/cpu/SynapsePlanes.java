package io.leanspike.backend.cpu;

import io.leanspike.account.FanOut;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * A fan-out as synapse_count reads it: unit j has {@code least} live weights and as many more as the bits of column j say, plane p being
 * worth 2^p.
 *
 * @param words [words(width), count], 64-byte aligned
 * @param count planes, a multiple of 8
 */
record SynapsePlanes(MemorySegment words, int width, int count, long least) {
    private static final int GROUP = 8;

    static SynapsePlanes of(FanOut fanOut, SegmentAllocator allocator) {
        int width = fanOut.live().length;
        int least = fanOut.least();
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(fanOut.most() - least);
        int count = Math.max(GROUP, (bits + GROUP - 1) / GROUP * GROUP);
        MemorySegment words = allocator.allocate((long) SpikeTensor.wordsPerStep(width) * count * Long.BYTES, 64).fill((byte) 0);
        for (int j = 0; j < width; j++) {
            int more = fanOut.live()[j] - least;
            for (int p = 0; p < bits; p++) {
                long at = (long) (j / 64) * count + p;
                long bit = (long) (more >> p & 1) << j % 64;
                words.setAtIndex(ValueLayout.JAVA_LONG, at, words.getAtIndex(ValueLayout.JAVA_LONG, at) | bit);
            }
        }
        return new SynapsePlanes(words, width, count, least);
    }
}
