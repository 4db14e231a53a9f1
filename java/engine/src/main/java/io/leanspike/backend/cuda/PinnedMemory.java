package io.leanspike.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** Page-locked host memory, which copies to and from a device while kernels run. */
final class PinnedMemory implements AutoCloseable {
    private final Pointer pointer = new Pointer();
    private final long bytes;

    PinnedMemory(long bytes) {
        this.bytes = bytes;
        DriverCall.check(JCudaDriver.cuMemAllocHost(pointer, bytes), "cuMemAllocHost", bytes + " bytes");
    }

    Pointer pointer() {
        return pointer;
    }

    ByteBuffer buffer() {
        return pointer.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        DriverCall.check(JCudaDriver.cuMemFreeHost(pointer), "cuMemFreeHost", bytes + " bytes");
    }
}
