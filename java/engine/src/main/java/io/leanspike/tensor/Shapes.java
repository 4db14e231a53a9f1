package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;

/** Checks that memory has the size its shape asks for. */
final class Shapes {
    private Shapes() {}

    static void requireBytes(MemorySegment segment, long bytes, String what, long... shape) {
        if (segment.byteSize() != bytes) {
            throw new IllegalArgumentException("a %s of shape %s takes %d bytes, but %d are given"
                    .formatted(what, java.util.Arrays.toString(shape), bytes, segment.byteSize()));
        }
    }
}
