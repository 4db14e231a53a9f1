package io.leanspike.model;

import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.BitPlane;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * How a checkpoint stores a matrix [rows, columns] called {@code name}:
 *
 * <ul>
 *   <li>dense: {@code name} F32, F16 or BF16 [rows, columns]
 *   <li>8-bit: {@code name} I8 [rows, columns] and {@code name_scale} F32 [rows]
 *   <li>1.58-bit: {@code name} U8 [2, rows, bytes], the plus plane before the minus plane, and {@code name_scale} F32 [rows]
 *   <li>1-bit: {@code name} U8 [1, rows, bytes], set where a weight is positive, and {@code name_scale} F32 [rows]
 * </ul>
 *
 * with bytes = 8 * ceil(columns / 64): rows of a {@link BitPlane}.
 */
public final class MatrixTensors {
    private MatrixTensors() {}

    /** The one or two tensors that hold the matrix. Planes that do not lie together are copied. */
    public static List<StoredTensor> of(String name, WeightMatrix matrix) {
        long rows = matrix.rows();
        return switch (matrix) {
            case DenseMatrix dense ->
                    List.of(new StoredTensor(name, dense.type(), List.of(rows, (long) dense.columns()), dense.elements()));
            case Int8Matrix bytes -> List.of(
                    new StoredTensor(name, ElementType.I8, List.of(rows, (long) bytes.columns()), bytes.elements()),
                    scales(name, bytes.scales(), rows));
            case BinaryMatrix binary -> List.of(planes(name, rows, binary.plus().words()), scales(name, binary.scales(), rows));
            case TernaryMatrix ternary -> List.of(planes(name, rows, ternary.plus().words(), ternary.minus().words()),
                    scales(name, ternary.scales(), rows));
        };
    }

    private static StoredTensor planes(String name, long rows, MemorySegment... planes) {
        long bytes = planes[0].byteSize();
        MemorySegment all = MemorySegment.ofArray(new byte[Math.toIntExact(planes.length * bytes)]);
        for (int i = 0; i < planes.length; i++) {
            MemorySegment.copy(planes[i], 0, all, i * bytes, bytes);
        }
        return new StoredTensor(name, ElementType.U8, List.of((long) planes.length, rows, bytes / rows), all);
    }

    private static StoredTensor scales(String name, MemorySegment scales, long rows) {
        return new StoredTensor(TensorNames.scales(name), ElementType.F32, List.of(rows), scales);
    }
}
