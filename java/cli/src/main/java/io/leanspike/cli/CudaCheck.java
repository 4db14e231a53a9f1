package io.leanspike.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The CUDA driver and a GPU. Nothing uses them yet. */
final class CudaCheck {
    private static final String DRIVER = "libcuda.so.1";

    private CudaCheck() {}

    static Diagnosis run() {
        String found = (hasDriver() ? "driver %s found" : "driver %s not found").formatted(DRIVER)
                + (hasDevice(Path.of("/dev")) ? ", /dev/nvidia0 found" : ", no /dev/nvidia* device");
        return new Diagnosis(Diagnosis.Verdict.ABSENT, "CUDA", found + "; leanspike has no CUDA backend yet, the CPU serves",
                Optional.empty());
    }

    private static boolean hasDriver() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(DRIVER, arena);
            return true;
        } catch (IllegalArgumentException notFound) {
            return false;
        }
    }

    static boolean hasDevice(Path devices) {
        if (!Files.isDirectory(devices)) {
            return false;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(devices, "nvidia[0-9]*")) {
            return found.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }
}
