package io.leanspike.backend.cpu;

import io.leanspike.backend.Holders;
import io.leanspike.backend.cpu.bindings.LeanSpikeNative;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The native worker threads and their scratch memory. The backend that made it and every model loaded through it hold it; the last to
 * close frees it.
 */
final class NativeContext implements AutoCloseable {
    private final Holders holders = new Holders();
    private final MemorySegment handle;
    private final Variant variant;

    /** @param variantCode a {@link Variant}'s code, or LEANSPIKE_VARIANT_BEST */
    NativeContext(int threads, int variantCode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
            Status.check(LeanSpikeNative.leanspike_context_create(threads, variantCode, out));
            handle = out.get(ValueLayout.ADDRESS, 0);
            MemorySegment chosen = arena.allocate(ValueLayout.JAVA_INT);
            Status.check(LeanSpikeNative.leanspike_context_variant(handle, chosen));
            variant = Variant.of(chosen.get(ValueLayout.JAVA_INT, 0));
        }
    }

    /** One more holder. @throws IllegalStateException when the last has closed */
    NativeContext retain() {
        holders.join("the backend");
        return this;
    }

    MemorySegment handle() {
        return handle;
    }

    Variant variant() {
        return variant;
    }

    @Override
    public void close() {
        holders.leave(() -> Status.check(LeanSpikeNative.leanspike_context_destroy(handle)));
    }
}
