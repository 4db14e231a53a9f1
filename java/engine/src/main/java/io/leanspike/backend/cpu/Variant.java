package io.leanspike.backend.cpu;

import io.leanspike.backend.cpu.bindings.LeanSpikeNative;

/** The instruction sets the native kernels are compiled for, in rising order of preference. */
public enum Variant {
    SCALAR(LeanSpikeNative.LEANSPIKE_VARIANT_SCALAR(), "scalar"),
    AVX2(LeanSpikeNative.LEANSPIKE_VARIANT_AVX2(), "AVX2"),
    AVX2_VNNI(LeanSpikeNative.LEANSPIKE_VARIANT_AVX2_VNNI(), "AVX2 VNNI"),
    AVX512(LeanSpikeNative.LEANSPIKE_VARIANT_AVX512(), "AVX-512"),
    AVX512_VPOPCNTDQ(LeanSpikeNative.LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ(), "AVX-512 VPOPCNTDQ");

    private final int code;
    private final String label;

    Variant(int code, String label) {
        this.code = code;
        this.label = label;
    }

    int code() {
        return code;
    }

    static Variant of(int code) {
        for (Variant variant : values()) {
            if (variant.code == code) {
                return variant;
            }
        }
        throw new IllegalStateException("the native library names an unknown variant: " + code);
    }

    @Override
    public String toString() {
        return label;
    }
}
