package io.leanspike.model;

import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/**
 * Looks for NaN and infinity, whose exponent bits are all ones, in elements of one floating-point type.
 *
 * <p>64 bits at a time: keep the exponents and add one in each exponent's last place; the carry reaches an element's sign bit
 * exactly when its exponent was all ones, and never passes it.
 *
 * @param exponents the exponent bits of every element in a 64-bit word
 * @param ones the lowest exponent bit of every element
 * @param signs the sign bit of every element
 */
record FiniteScan(ElementType type, long exponents, long ones, long signs) {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /**
     * Words copied at a time. A loop over an array in cache starts far faster than one over mapped memory, which a virtual machine
     * that has just started interprets; a checkpoint is scanned once, at start.
     */
    private static final int BLOCK = 1024;

    /** @throws IllegalArgumentException when the type is not a floating-point type */
    static FiniteScan of(ElementType type) {
        return switch (type) {
            case F64 -> new FiniteScan(type, 0x7ff0000000000000L, 0x0010000000000000L, 0x8000000000000000L);
            case F32 -> new FiniteScan(type, 0x7f8000007f800000L, 0x0080000000800000L, 0x8000000080000000L);
            case F16 -> new FiniteScan(type, 0x7c007c007c007c00L, 0x0400040004000400L, 0x8000800080008000L);
            case BF16 -> new FiniteScan(type, 0x7f807f807f807f80L, 0x0080008000800080L, 0x8000800080008000L);
            default -> throw new IllegalArgumentException(type + " is not a floating-point type");
        };
    }

    /** The index of the first element that is NaN or infinite. */
    OptionalLong firstNonFinite(MemorySegment elements) {
        long[] block = new long[BLOCK];
        long words = elements.byteSize() / Long.BYTES;
        for (long word = 0; word < words; word += BLOCK) {
            int count = (int) Math.min(BLOCK, words - word);
            MemorySegment.copy(elements, WORD, word * Long.BYTES, block, 0, count);
            if ((carries(block, count) & signs) != 0) {
                return find(elements, word * Long.BYTES);
            }
        }
        return find(elements, words * Long.BYTES);
    }

    private long carries(long[] block, int count) {
        long carries = 0;
        for (int i = 0; i < count; i++) {
            carries |= (block[i] & exponents) + ones;
        }
        return carries;
    }

    private OptionalLong find(MemorySegment elements, long firstByte) {
        for (long offset = firstByte; offset < elements.byteSize(); offset += type.bytes()) {
            if (!Double.isFinite(Elements.get(elements, type, offset / type.bytes()))) {
                return OptionalLong.of(offset / type.bytes());
            }
        }
        return OptionalLong.empty();
    }
}
