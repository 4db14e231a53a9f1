package io.leanspike.backend;

import java.util.Locale;

/** How spike_matmul goes through its weights on a CPU; plans spell it in small letters. */
public enum CpuMatmul {
    /** float32 weights, added for each spike: any matrix. */
    FLOATS,
    /** Weights of -1, 0 and 1 as bytes, added for each spike: fast where few units spike. At most {@value #MOST_BYTE_INPUTS} inputs. */
    BYTES,
    /** Weights of -1, 0 and 1 as bit planes, AND + POPCNT: the same time at any density. */
    PLANES;

    public static final int MOST_BYTE_INPUTS = 32_767;

    /** From its text form. @throws IllegalArgumentException when it is none */
    public static CpuMatmul parse(String text) {
        for (CpuMatmul form : values()) {
            if (form.toString().equals(text)) {
                return form;
            }
        }
        throw new IllegalArgumentException("no variant of spike_matmul is called " + text);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
