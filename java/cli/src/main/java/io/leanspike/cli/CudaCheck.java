package io.leanspike.cli;

import io.leanspike.backend.cuda.CudaDriver;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The CUDA driver, a GPU and kernels for it. */
final class CudaCheck {
    private static final String SUBJECT = "CUDA";

    private CudaCheck() {}

    static Diagnosis run() {
        String files = hasDevice(Path.of("/dev")) ? "there is a /dev/nvidia* device" : "no /dev/nvidia* device";
        return CudaDriver.absence(false)
                .map(why -> new Diagnosis(Diagnosis.Verdict.ABSENT, SUBJECT, why + "; " + files + "; the CPU serves", Optional.empty()))
                .orElseGet(() -> Diagnosis.ok(SUBJECT, "driver and kernels found, " + files + "; --backend cuda uses them"));
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
