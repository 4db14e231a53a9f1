package io.leanspike.backend;

import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.util.List;
import java.util.Locale;

/** The forms in which a GPU kernel keeps weights. */
public enum WeightKind {
    /** Two fp16 halves a weight: as good as float32. */
    F32,
    /** One fp16 half a weight: all that F16 and BF16 checkpoints hold. */
    F16,
    /** Signed bytes with a scale a row. */
    I8,
    /** -1, 0 or 1 times a scale a row, as two bit planes. */
    TERNARY,
    /** -1 or 1 times a scale a row, as one bit plane. */
    BINARY;

    /** The smallest kind that keeps every bit of matrices that share a launch. */
    public static WeightKind keeping(List<WeightMatrix> matrices) {
        List<WeightKind> kinds = matrices.stream().map(WeightKind::of).distinct().toList();
        if (kinds.size() == 1) {
            return kinds.getFirst();
        }
        return kinds.stream().allMatch(WeightKind::isInteger) ? I8 : F32;
    }

    private static WeightKind of(WeightMatrix matrix) {
        return switch (matrix) {
            case DenseMatrix dense -> dense.type() == ElementType.F32 ? F32 : F16;
            case Int8Matrix bytes -> I8;
            case TernaryMatrix planes -> TERNARY;
            case BinaryMatrix plane -> BINARY;
        };
    }

    /** True where a weight is an integer times its row's scale. */
    public boolean isInteger() {
        return this == I8 || isLowBit();
    }

    /** True where a weight is one of -1, 0, 1 times its row's scale. */
    public boolean isLowBit() {
        return this == TERNARY || this == BINARY;
    }

    /** How kernel names spell it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
