package io.leanspike.backend.cuda;

import io.leanspike.backend.PackagedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The software CUDA driver of native/softgpu. Loaded before JCuda's driver library it takes libcuda's place in this process, for good:
 * a process runs on GPUs or on the software GPU, never on both. It is loaded only when asked for.
 */
final class SoftGpu {
    private static Optional<MethodHandle> lastError = Optional.empty();
    private static boolean loaded;

    private SoftGpu() {}

    /** @return why it cannot be loaded; empty when it now stands in libcuda's place */
    static synchronized Optional<String> load() {
        if (loaded) {
            return Optional.empty();
        }
        Optional<String> failure = PackagedLibrary.load("leanspike_softgpu", "leanspike.softgpu");
        if (failure.isEmpty()) {
            loaded = true;
            lastError = SymbolLookup.loaderLookup().find("softgpu_last_error").map(symbol -> Linker.nativeLinker()
                    .downcallHandle(symbol, FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG)));
        }
        return failure;
    }

    static synchronized boolean isLoaded() {
        return loaded;
    }

    /** The software driver's own words about the last fault: kernel, block, thread, PTX line; empty on a GPU. */
    static synchronized String lastError() {
        if (lastError.isEmpty()) {
            return "";
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(4096);
            long ignored = (long) lastError.get().invokeExact(text, text.byteSize());
            return text.getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("softgpu_last_error cannot be called", e);
        }
    }
}
