package io.leanspike.backend;

import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.LowBitMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.util.List;
import java.util.Locale;

/**
 * How spike_matmul goes through its weights on a CPU; plans spell it in small letters. Of one matrix, all but {@link #FLOATS} give the same
 * result to the last bit: exact integer sums, scaled once.
 */
public enum CpuMatmul {
    /** float32 weights, added for each spike: any matrix. */
    FLOATS,
    /**
     * Weights of -1, 0 and 1 (at most {@value #MOST_BYTE_INPUTS} inputs) or of 8 bits as bytes, added for each spike: fast where few units
     * spike.
     */
    BYTES,
    /** Weights of -1, 0 and 1 as bit planes, AND + POPCNT: the same time at any density. */
    PLANES,
    /** Weights of 8 bits, four inputs at a time (VPDPBUSD): the same time at any density. */
    DOTS;

    /** Inputs whose sum of -1, 0 and 1 fits int16. */
    public static final int MOST_BYTE_INPUTS = 32_767;
    /** Inputs whose sum of 8-bit weights fits int32. */
    public static final int MOST_INT8_INPUTS = (1 << 24) - 1;

    /** From its text form. @throws IllegalArgumentException when it is none */
    public static CpuMatmul parse(String text) {
        for (CpuMatmul form : values()) {
            if (form.toString().equals(text)) {
                return form;
            }
        }
        throw new IllegalArgumentException("no variant of spike_matmul is called " + text);
    }

    /** Forms among which the planner chooses for these weights; not empty, and all of equal results. */
    public static List<CpuMatmul> of(WeightMatrix weights) {
        return switch (weights) {
            case DenseMatrix dense -> List.of(FLOATS);
            case Int8Matrix bytes -> bytes.columns() <= MOST_INT8_INPUTS ? List.of(BYTES, DOTS) : List.of(FLOATS);
            case LowBitMatrix bits -> bits.columns() <= MOST_BYTE_INPUTS ? List.of(BYTES, PLANES) : List.of(PLANES);
        };
    }

    /** Bits that one weight takes in this form. */
    public int bits(WeightMatrix weights) {
        return switch (this) {
            case FLOATS -> Float.SIZE;
            case BYTES, DOTS -> Byte.SIZE;
            case PLANES -> weights instanceof BinaryMatrix ? 1 : 2;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
