package io.leanspike.backend.cuda;

import io.leanspike.backend.Neuron;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;

/**
 * The one structure that a kernel takes, written field by field as the device's C++ lays it out: every field on a multiple of its own
 * size, the whole a multiple of 8.
 */
final class KernelArguments {
    private static final int MOST = 512;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(MOST).order(ByteOrder.nativeOrder());

    KernelArguments pointer(DeviceMemory memory) {
        return address(memory.address());
    }

    /** {@code offset} bytes into the memory. */
    KernelArguments pointer(DeviceMemory memory, long offset) {
        return address(memory.address() + offset);
    }

    KernelArguments nullPointer() {
        return address(0);
    }

    private KernelArguments address(long value) {
        align(Long.BYTES);
        bytes.putLong(value);
        return this;
    }

    KernelArguments integer(int value) {
        align(Integer.BYTES);
        bytes.putInt(value);
        return this;
    }

    KernelArguments real(float value) {
        align(Float.BYTES);
        bytes.putFloat(value);
        return this;
    }

    /** struct Neuron of neuron.cuh. */
    KernelArguments neuron(Neuron neuron) {
        return real((float) neuron.threshold()).real((float) neuron.leak()).real((float) neuron.initialPotential())
                .integer(neuron.reset() == Neuron.Reset.HARD ? 1 : 0);
    }

    private void align(int size) {
        while (bytes.position() % size != 0) {
            bytes.put((byte) 0);
        }
    }

    /** Bytes written so far. */
    int size() {
        return bytes.position();
    }

    /** What cuLaunchKernel takes. The driver copies the structure when it is called. */
    Pointer pointers() {
        return Pointer.to(Pointer.to(bytes.duplicate().rewind()));
    }
}
