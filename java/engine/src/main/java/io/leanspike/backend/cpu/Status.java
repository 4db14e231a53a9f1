package io.leanspike.backend.cpu;

import io.leanspike.backend.cpu.bindings.LeanSpikeNative;

/** Turns native status codes into exceptions that carry the native error text. */
final class Status {
    private Status() {}

    static void check(int status) {
        if (status == LeanSpikeNative.LEANSPIKE_OK()) {
            return;
        }
        String text = NativeLibrary.lastError();
        if (status == LeanSpikeNative.LEANSPIKE_BAD_ARGUMENT()) {
            throw new IllegalArgumentException(text);
        }
        if (status == LeanSpikeNative.LEANSPIKE_OUT_OF_MEMORY()) {
            throw new OutOfMemoryError("native memory: " + text);
        }
        if (status == LeanSpikeNative.LEANSPIKE_UNSUPPORTED()) {
            throw new UnsupportedOperationException(text);
        }
        throw new IllegalStateException("native library: " + text);
    }
}
