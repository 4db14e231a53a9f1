package io.leanspike.tensor;

/** Element types of stored tensors, named as safetensors names them. */
public enum ElementType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** True for types whose elements are real numbers. */
    public boolean isReal() {
        return this == F64 || this == F32 || this == F16 || this == BF16;
    }
}
