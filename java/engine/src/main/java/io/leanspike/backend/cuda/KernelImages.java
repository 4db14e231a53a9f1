package io.leanspike.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The compiled kernels in this jar: one module a source file, as PTX and as cubins of some architectures. */
final class KernelImages {
    private static final String FOLDER = "/io/leanspike/cuda/";

    private KernelImages() {}

    /** Why there are none; empty when they are there. */
    static Optional<String> absence() {
        return find("spike_encode.ptx").isPresent() ? Optional.empty()
                : Optional.of("this build has no CUDA kernels: install nvcc 12 or newer and build again");
    }

    /** The cubin for this very architecture, else the PTX, zero-terminated as the driver wants text. */
    static byte[] image(String module, int architecture, boolean software) {
        Optional<byte[]> cubin = software ? Optional.empty() : find(module + ".sm_" + architecture + ".cubin");
        return cubin.or(() -> find(module + ".ptx").map(KernelImages::terminated))
                .orElseThrow(() -> new IllegalStateException("this build has no CUDA kernels called " + module));
    }

    private static byte[] terminated(byte[] text) {
        return java.util.Arrays.copyOf(text, text.length + 1);
    }

    private static Optional<byte[]> find(String name) {
        try (InputStream in = KernelImages.class.getResourceAsStream(FOLDER + name)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
