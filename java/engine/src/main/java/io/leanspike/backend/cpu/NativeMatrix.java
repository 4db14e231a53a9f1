package io.leanspike.backend.cpu;

import io.leanspike.backend.cpu.bindings.LeanSpikeNative;
import io.leanspike.backend.cpu.bindings.leanspike_matrix;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.LowBitMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** A stored matrix as the C ABI describes it. */
final class NativeMatrix {
    private NativeMatrix() {}

    /**
     * Bits become bytes in memory of the allocator's: the kernels that read stored matrices know none smaller.
     *
     * @throws IllegalStateException when the matrix's memory has been freed
     */
    static MemorySegment of(WeightMatrix matrix, SegmentAllocator allocator) {
        if (!matrix.isOpen()) {
            throw new IllegalStateException("the checkpoint of this model is closed");
        }
        MemorySegment out = leanspike_matrix.allocate(allocator);
        leanspike_matrix.rows(out, matrix.rows());
        leanspike_matrix.cols(out, matrix.columns());
        switch (matrix) {
            case DenseMatrix dense -> {
                leanspike_matrix.elements(out, dense.elements());
                leanspike_matrix.scale(out, MemorySegment.NULL);
                leanspike_matrix.type(out, switch (dense.type()) {
                    case F32 -> LeanSpikeNative.LEANSPIKE_F32();
                    case F16 -> LeanSpikeNative.LEANSPIKE_F16();
                    case BF16 -> LeanSpikeNative.LEANSPIKE_BF16();
                    default -> throw new IllegalStateException("unreachable: " + dense.type());
                });
            }
            case Int8Matrix bytes -> {
                leanspike_matrix.elements(out, bytes.elements());
                leanspike_matrix.scale(out, bytes.scales());
                leanspike_matrix.type(out, LeanSpikeNative.LEANSPIKE_I8());
            }
            case LowBitMatrix bits -> {
                return of(bits.toInt8(allocator), allocator);
            }
        }
        return out;
    }
}
