package io.leanspike.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FiniteScanTest {
    /** Bits of numbers that are not finite, by type: NaNs and both infinities. */
    private static final Map<ElementType, long[]> NON_FINITE = Map.of(
            ElementType.F64, new long[] {0x7ff8000000000000L, 0x7ff0000000000000L, 0xfff0000000000000L, 0x7ff0000000000001L},
            ElementType.F32, new long[] {0x7fc00000L, 0x7f800000L, 0xff800000L, 0xffffffffL},
            ElementType.F16, new long[] {0x7e00L, 0x7c00L, 0xfc00L, 0x7c01L},
            ElementType.BF16, new long[] {0x7fc0L, 0x7f80L, 0xff80L, 0xffffL});
    /** Bits of the largest finite numbers, the largest subnormal, and minus zero. */
    private static final Map<ElementType, long[]> FINITE = Map.of(
            ElementType.F64, new long[] {0x7fefffffffffffffL, 0xffefffffffffffffL, 0x000fffffffffffffL, 0x8000000000000000L},
            ElementType.F32, new long[] {0x7f7fffffL, 0xff7fffffL, 0x007fffffL, 0x80000000L},
            ElementType.F16, new long[] {0x7bffL, 0xfbffL, 0x03ffL, 0x8000L},
            ElementType.BF16, new long[] {0x7f7fL, 0xff7fL, 0x007fL, 0x8000L});
    /** Less than a word, a word, words with a rest, and more than a block. */
    private static final int[] SIZES = {1, 2, 3, 4, 5, 8, 31, 4096, 9001};

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void extremeFiniteNumbersPass(ElementType type) {
        for (int size : SIZES) {
            assertEquals(OptionalLong.empty(), FiniteScan.of(type).firstNonFinite(finite(type, size)), type + " x " + size);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void nanAndInfinityAreFoundAtEveryPlace(ElementType type) {
        for (int size : SIZES) {
            for (int index = 0; index < size; index += size < 100 ? 1 : 997) {
                for (long bits : NON_FINITE.get(type)) {
                    MemorySegment elements = finite(type, size);
                    set(elements, type, index, bits);
                    set(elements, type, size - 1, bits);
                    assertEquals(OptionalLong.of(index), FiniteScan.of(type).firstNonFinite(elements),
                            "%s x %d, %x at %d".formatted(type, size, bits, index));
                }
            }
        }
    }

    private static MemorySegment finite(ElementType type, int size) {
        MemorySegment elements = MemorySegment.ofArray(new byte[size * type.bytes()]);
        long[] bits = FINITE.get(type);
        for (int i = 0; i < size; i++) {
            set(elements, type, i, bits[i % bits.length]);
        }
        return elements;
    }

    private static void set(MemorySegment elements, ElementType type, long index, long bits) {
        switch (type.bytes()) {
            case 8 -> elements.set(ValueLayout.JAVA_LONG_UNALIGNED, index * 8, bits);
            case 4 -> elements.set(ValueLayout.JAVA_INT_UNALIGNED, index * 4, (int) bits);
            default -> elements.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, (short) bits);
        }
    }
}
