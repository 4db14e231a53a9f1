package io.leanspike.backend;

import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
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
    I8;

    /** The smallest kind that keeps every bit of matrices that share a launch. */
    public static WeightKind keeping(List<WeightMatrix> matrices) {
        if (matrices.stream().allMatch(Int8Matrix.class::isInstance)) {
            return I8;
        }
        return matrices.stream().allMatch(matrix -> matrix instanceof DenseMatrix dense && dense.type() != ElementType.F32) ? F16 : F32;
    }

    /** How kernel names spell it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
