package io.leanspike.backend.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Bytes on a device. */
final class DeviceMemory implements Owned.Resource {
    private final CUdeviceptr pointer = new CUdeviceptr();
    private final long bytes;

    /** Uninitialised memory of the current context. */
    DeviceMemory(long bytes) {
        this.bytes = bytes;
        DriverCall.check(JCudaDriver.cuMemAlloc(pointer, bytes), "cuMemAlloc", bytes + " bytes");
    }

    /** A copy of host memory. */
    static DeviceMemory of(MemorySegment host) {
        return copied(Pointer.to(host.asByteBuffer()), host.byteSize());
    }

    static DeviceMemory of(float[] host) {
        return copied(Pointer.to(host), (long) host.length * Float.BYTES);
    }

    static DeviceMemory of(int[] host) {
        return copied(Pointer.to(host), (long) host.length * Integer.BYTES);
    }

    static DeviceMemory of(long[] host) {
        return copied(Pointer.to(host), (long) host.length * Long.BYTES);
    }

    private static DeviceMemory copied(Pointer host, long bytes) {
        return Owned.whole(parts -> {
            DeviceMemory memory = parts.add(new DeviceMemory(bytes));
            DriverCall.check(JCudaDriver.cuMemcpyHtoD(memory.pointer, host, bytes), "cuMemcpyHtoD", bytes + " bytes");
            return memory;
        });
    }

    CUdeviceptr pointer() {
        return pointer;
    }

    /** The address kernels see. */
    long address() {
        return DeviceAddress.of(pointer);
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        DriverCall.check(JCudaDriver.cuMemFree(pointer), "cuMemFree", bytes + " bytes");
    }
}
