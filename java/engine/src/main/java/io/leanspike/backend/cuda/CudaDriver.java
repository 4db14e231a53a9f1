package io.leanspike.backend.cuda;

import java.util.Optional;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Whether there is a CUDA driver to talk to, and which. */
public final class CudaDriver {
    /** The oldest driver that takes PTX of the toolkit the kernels are compiled with: CUDA 13.0. */
    private static final int OLDEST = 13_000;

    private CudaDriver() {}

    /**
     * Loads a driver, once a process.
     *
     * @param software the software GPU instead of libcuda
     * @return why there is none to use, in one line; empty when kernels can run
     */
    public static synchronized Optional<String> absence(boolean software) {
        if (software) {
            Optional<String> failure = SoftGpu.load();
            if (failure.isPresent()) {
                return failure.map(why -> "the software GPU cannot be loaded: " + why);
            }
        } else if (SoftGpu.isLoaded()) {
            return Optional.of("this process already runs on the software GPU");
        }
        try {
            return unusable(software);
        } catch (LinkageError e) {
            String text = String.valueOf(e.getMessage()).lines().filter(line -> line.contains("libcuda")).findFirst().orElse("");
            if (text.contains("cannot open shared object file")) {
                return Optional.of("no CUDA driver: libcuda.so.1 is not installed");
            }
            return Optional.of(text.isEmpty() ? "JCuda's driver library cannot be loaded here"
                    : "the CUDA driver cannot be loaded: " + text.substring(text.indexOf("libcuda")));
        }
    }

    private static Optional<String> unusable(boolean software) {
        int result = JCudaDriver.cuInit(0);
        if (result == CUresult.CUDA_ERROR_NO_DEVICE) {
            return Optional.of("the CUDA driver finds no device");
        }
        if (result != CUresult.CUDA_SUCCESS) {
            return Optional.of("the CUDA driver does not start: " + CUresult.stringFor(result));
        }
        int[] count = new int[1];
        DriverCall.check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        if (count[0] == 0) {
            return Optional.of("the CUDA driver finds no device");
        }
        int[] version = new int[1];
        DriverCall.check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
        if (!software && version[0] < OLDEST) {
            return Optional.of("the CUDA driver is too old: it supports CUDA %d.%d, and the kernels need %d.%d".formatted(
                    version[0] / 1000, version[0] % 1000 / 10, OLDEST / 1000, OLDEST % 1000 / 10));
        }
        return KernelImages.absence();
    }

    /** Devices of the loaded driver. */
    static int devices() {
        int[] count = new int[1];
        DriverCall.check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        return count[0];
    }
}
