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
        DeviceMemory memory = new DeviceMemory(host.byteSize());
        DriverCall.check(JCudaDriver.cuMemcpyHtoD(memory.pointer, Pointer.to(host.asByteBuffer()), host.byteSize()),
                "cuMemcpyHtoD", host.byteSize() + " bytes");
        return memory;
    }

    static DeviceMemory of(float[] host) {
        DeviceMemory memory = new DeviceMemory((long) host.length * Float.BYTES);
        DriverCall.check(JCudaDriver.cuMemcpyHtoD(memory.pointer, Pointer.to(host), memory.bytes), "cuMemcpyHtoD", memory.bytes + " bytes");
        return memory;
    }

    static DeviceMemory of(int[] host) {
        DeviceMemory memory = new DeviceMemory((long) host.length * Integer.BYTES);
        DriverCall.check(JCudaDriver.cuMemcpyHtoD(memory.pointer, Pointer.to(host), memory.bytes), "cuMemcpyHtoD", memory.bytes + " bytes");
        return memory;
    }

    static DeviceMemory of(long[] host) {
        DeviceMemory memory = new DeviceMemory((long) host.length * Long.BYTES);
        DriverCall.check(JCudaDriver.cuMemcpyHtoD(memory.pointer, Pointer.to(host), memory.bytes), "cuMemcpyHtoD", memory.bytes + " bytes");
        return memory;
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
