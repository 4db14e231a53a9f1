package io.leanspike.compress;

import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;
import java.util.function.BiFunction;

/** Bits that an encoder weight can be stored in, as users write them. */
public enum EncoderBits {
    EIGHT("8", Int8Quantization::quantize),
    TERNARY("1.58", LowBitQuantization::ternary),
    BINARY("1", LowBitQuantization::binary);

    private final String text;
    private final BiFunction<WeightMatrix, SegmentAllocator, WeightMatrix> quantizer;

    EncoderBits(String text, BiFunction<WeightMatrix, SegmentAllocator, WeightMatrix> quantizer) {
        this.text = text;
        this.quantizer = quantizer;
    }

    /** From its text form; empty when it is none. */
    public static Optional<EncoderBits> parse(String text) {
        for (EncoderBits bits : values()) {
            if (bits.text.equals(text)) {
                return Optional.of(bits);
            }
        }
        return Optional.empty();
    }

    /** @param allocator gives the memory of the result */
    public WeightMatrix quantize(WeightMatrix source, SegmentAllocator allocator) {
        return quantizer.apply(source, allocator);
    }

    @Override
    public String toString() {
        return text;
    }
}
