package io.leanspike.cli;

import io.leanspike.backend.cpu.CpuBackend;
import io.leanspike.backend.PackagedLibrary;
import io.leanspike.backend.cpu.NativeLibrary;
import java.util.Optional;

/** The native kernels of the cpu backend: without them the plain-Java backend serves. */
final class NativeKernelCheck {
    private static final String SUBJECT = "native kernels";

    private NativeKernelCheck() {}

    static Diagnosis run() {
        Optional<String> absence = NativeLibrary.absence();
        if (absence.isPresent()) {
            return Diagnosis.of(Diagnosis.Verdict.SLOW, SUBJECT, absence.get(),
                    "until then the reference backend serves, with the same results");
        }
        try (CpuBackend backend = new CpuBackend(1)) {
            return Diagnosis.ok(SUBJECT, "%s, variant %s; the processor has %s".formatted(PackagedLibrary.platform(), backend.variant(),
                    NativeLibrary.cpuFeatures()));
        }
    }
}
