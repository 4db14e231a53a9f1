package io.leanspike.backend.cuda;

import jcuda.driver.CUdeviceptr;

/**
 * The number behind a device pointer, which structures passed to kernels hold. JCuda keeps it in a protected field without a public
 * reader; a subclass may read its own.
 */
final class DeviceAddress extends CUdeviceptr {
    private DeviceAddress(CUdeviceptr pointer) {
        super(pointer);
    }

    static long of(CUdeviceptr pointer) {
        return new DeviceAddress(pointer).getNativePointer();
    }
}
