package io.leanspike.backend.cpu;

import io.leanspike.backend.PackagedLibrary;
import io.leanspike.backend.cpu.bindings.LeanSpikeNative;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** libleanspike_cpu, loaded once on first use; the system property {@code leanspike.native} may name a file to load. */
public final class NativeLibrary {
    private static final class Loaded {
        // Filled on first use; loading has a side effect on the class loader and happens once.
        static final Optional<String> ABSENCE = load();
    }

    private NativeLibrary() {}

    /** Why the library cannot be used here, and what to do; empty when it is loaded. */
    public static Optional<String> absence() {
        return Loaded.ABSENCE;
    }

    /** True when this machine can run the variant. */
    public static boolean supports(Variant variant) {
        return absence().isEmpty() && LeanSpikeNative.leanspike_variant_supported(variant.code()) == 1;
    }

    /** True when the loaded library exports this symbol. */
    static boolean exports(String symbol) {
        // The caller's class loader owns the library, so the look-up must be made here.
        return java.lang.foreign.SymbolLookup.loaderLookup().find(symbol).isPresent();
    }

    /** CPU features found at run time, such as "avx2 fma avx512f". */
    public static String cpuFeatures() {
        return text((buffer, capacity) -> LeanSpikeNative.leanspike_cpu_features(buffer, capacity));
    }

    /** The calling thread's last native error. */
    static String lastError() {
        return text((buffer, capacity) -> LeanSpikeNative.leanspike_last_error(buffer, capacity));
    }

    private static Optional<String> load() {
        Optional<String> failure = PackagedLibrary.load("leanspike_cpu", "leanspike.native");
        if (failure.isPresent()) {
            return failure;
        }
        if (!exports("leanspike_abi_version")) {
            return Optional.of("the file that the system property leanspike.native names is not LeanSpike's native library");
        }
        int version = LeanSpikeNative.leanspike_abi_version();
        int expected = LeanSpikeNative.LEANSPIKE_ABI_VERSION();
        return version == expected ? Optional.empty()
                : Optional.of("the native library has ABI version %d, but %d is needed: build both from one source tree"
                        .formatted(version, expected));
    }

    private interface TextCall {
        int write(MemorySegment buffer, int capacity);
    }

    private static String text(TextCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            call.write(buffer, (int) buffer.byteSize());
            return buffer.getString(0);
        }
    }
}
