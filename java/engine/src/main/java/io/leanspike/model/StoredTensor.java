package io.leanspike.model;

import io.leanspike.error.Quoted;
import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A named tensor as a safetensors file stores it: row-major, little-endian.
 *
 * @param shape sizes of the axes, outermost first; empty for a single number
 * @param data the elements, off-heap or in a byte array; need not be aligned
 */
public record StoredTensor(String name, ElementType type, List<Long> shape, MemorySegment data) {

    /** @throws IllegalArgumentException when the size of {@code data} does not fit the type and shape */
    public StoredTensor {
        shape = List.copyOf(shape);
        long bytes;
        try {
            bytes = bytes(type, shape);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("tensor %s: shape %s is not a shape".formatted(Quoted.of(name), shape), e);
        }
        if (data.byteSize() != bytes) {
            throw new IllegalArgumentException("tensor %s: %s of shape %s takes %d bytes, but %d are given"
                    .formatted(Quoted.of(name), type, shape, bytes, data.byteSize()));
        }
    }

    /** A vector of float32 numbers. */
    public static StoredTensor of(String name, float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return new StoredTensor(name, ElementType.F32, List.of((long) vector.length), MemorySegment.ofArray(bytes.array()));
    }

    /** Number of elements. */
    public long elements() {
        return data.byteSize() / type.bytes();
    }

    /** @throws ArithmeticException when a size is negative or the product does not fit a long */
    static long bytes(ElementType type, List<Long> shape) {
        long bytes = type.bytes();
        for (long size : shape) {
            if (size < 0) {
                throw new ArithmeticException("negative size");
            }
            bytes = Math.multiplyExact(bytes, size);
        }
        return bytes;
    }
}
