package io.leanspike.backend.cpu;

import io.leanspike.account.FanOut;
import io.leanspike.backend.SynapsePlanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** Planes where the native kernel reads them. @param words [words(width), count], 64-byte aligned */
record Synapses(MemorySegment words, SynapsePlanes planes) {
    /** Planes that the kernel takes at a time. */
    private static final int GROUP = 8;

    static Synapses of(FanOut fanOut, SegmentAllocator allocator) {
        SynapsePlanes planes = SynapsePlanes.of(fanOut, GROUP);
        MemorySegment words = allocator.allocate((long) planes.words().length * Long.BYTES, 64);
        MemorySegment.copy(planes.words(), 0, words, ValueLayout.JAVA_LONG, 0, planes.words().length);
        return new Synapses(words, planes);
    }
}
