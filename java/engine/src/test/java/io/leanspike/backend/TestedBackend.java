package io.leanspike.backend;

import io.leanspike.backend.cpu.CpuBackend;
import io.leanspike.backend.cpu.NativeLibrary;
import io.leanspike.backend.cpu.Variant;
import io.leanspike.backend.cuda.CudaBackend;
import io.leanspike.backend.cuda.CudaDriver;
import io.leanspike.backend.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The backends this machine can run, in every variant and with one and two threads; tests are parameterised over them. */
public record TestedBackend(String name, boolean exact, Supplier<Backend> opener) {

    public static List<TestedBackend> all() {
        List<TestedBackend> all = new ArrayList<>();
        all.add(new TestedBackend("reference", true, () -> new ReferenceBackend(1)));
        for (Variant variant : Variant.values()) {
            if (NativeLibrary.supports(variant)) {
                for (int threads = 1; threads <= 2; threads++) {
                    int count = threads;
                    all.add(new TestedBackend("cpu " + variant + " x" + count, false, () -> new CpuBackend(count, variant)));
                }
            }
        }
        if (CudaDriver.absence(true).isEmpty()) {
            all.add(new TestedBackend("cuda on the software GPU", false, () -> new CudaBackend(List.of(), true)));
        }
        return all;
    }

    public Backend open() {
        return opener.get();
    }

    @Override
    public String toString() {
        return name;
    }
}
