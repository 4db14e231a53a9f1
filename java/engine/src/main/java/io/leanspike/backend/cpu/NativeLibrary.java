package io.leanspike.backend.cpu;

import io.leanspike.backend.cpu.bindings.LeanSpikeNative;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds and loads libleanspike_cpu once: from the file that the system property {@code leanspike.native} names, else from this jar,
 * unpacked into a new folder that only this user can read and that is removed again at once where the system allows it.
 */
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

    /** {@code linux-x86_64} and the like: the folder of this platform's library inside the jar. */
    public static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String name = os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : "linux";
        String arch = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            case String other -> other;
        };
        return name + "-" + arch;
    }

    private static Optional<String> load() {
        String override = System.getProperty("leanspike.native");
        try {
            if (override != null) {
                System.load(Path.of(override).toAbsolutePath().toString());
            } else {
                Optional<String> missing = unpackAndLoad();
                if (missing.isPresent()) {
                    return missing;
                }
            }
        } catch (IOException | UnsatisfiedLinkError e) {
            return Optional.of("the native library could not be loaded: " + e.getMessage());
        }
        int version = LeanSpikeNative.leanspike_abi_version();
        int expected = LeanSpikeNative.LEANSPIKE_ABI_VERSION();
        return version == expected ? Optional.empty()
                : Optional.of("the native library has ABI version %d, but %d is needed: build both from one source tree"
                        .formatted(version, expected));
    }

    private static Optional<String> unpackAndLoad() throws IOException {
        String file = System.mapLibraryName("leanspike_cpu");
        String resource = "/io/leanspike/native/" + platform() + "/" + file;
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                return Optional.of("this build has no native library for " + platform()
                        + ": install cmake and a C++20 compiler and build again");
            }
            // createTempDirectory makes a folder with a random name that only this user can enter, so nobody can swap the file.
            Path folder = Files.createTempDirectory("leanspike-");
            Path library = folder.resolve(file);
            try {
                Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
                System.load(library.toString());
            } finally {
                removeOrLater(library);
                removeOrLater(folder);
            }
        }
        return Optional.empty();
    }

    private static void removeOrLater(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // A loaded library cannot be removed on every system.
            path.toFile().deleteOnExit();
        }
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
