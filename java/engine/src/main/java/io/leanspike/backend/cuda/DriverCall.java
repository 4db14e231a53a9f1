package io.leanspike.backend.cuda;

import io.leanspike.backend.DeviceMemoryException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Turns CUresults into exceptions that name the call and what it was called for. */
final class DriverCall {
    private DriverCall() {}

    /**
     * @param call name of the driver function
     * @param what kernel, arguments or size, for the message
     * @throws DeviceMemoryException when the device has no memory left
     * @throws CudaException for every other failure
     */
    static void check(int result, String call, Object what) {
        if (result == CUresult.CUDA_SUCCESS) {
            return;
        }
        String message = "%s failed for %s: %s%s".formatted(call, what, CUresult.stringFor(result), details());
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw new DeviceMemoryException(message);
        }
        throw new CudaException(result, message);
    }

    static void check(int result, String call) {
        check(result, call, "the device");
    }

    /** What the software GPU knows beyond the code: kernel, block, thread and PTX line of a fault. */
    private static String details() {
        String text = SoftGpu.lastError();
        return text.isEmpty() ? "" : " (" + text + ")";
    }

    static void initialize() {
        check(JCudaDriver.cuInit(0), "cuInit", "the driver");
    }
}
