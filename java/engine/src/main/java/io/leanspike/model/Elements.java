package io.leanspike.model;

import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Floating-point elements of stored tensors, as Java numbers. */
final class Elements {
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort BITS16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Elements() {}

    /** The element at an index. @throws IllegalArgumentException when the type is not a floating-point type */
    static double get(MemorySegment elements, ElementType type, long index) {
        return switch (type) {
            case F64 -> elements.get(F64, index * 8);
            case F32 -> elements.get(F32, index * 4);
            case F16 -> Float.float16ToFloat(elements.get(BITS16, index * 2));
            case BF16 -> Float.intBitsToFloat(elements.get(BITS16, index * 2) << 16);
            default -> throw new IllegalArgumentException(type + " is not a floating-point type");
        };
    }

    /** All elements, rounded to float32. @throws IllegalArgumentException when the type is not a floating-point type */
    static float[] toFloats(StoredTensor tensor) {
        if (tensor.type() == ElementType.F32) {
            return tensor.data().toArray(F32);
        }
        float[] floats = new float[Math.toIntExact(tensor.elements())];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) get(tensor.data(), tensor.type(), i);
        }
        return floats;
    }
}
