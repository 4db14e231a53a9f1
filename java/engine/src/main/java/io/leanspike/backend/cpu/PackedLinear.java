package io.leanspike.backend.cpu;

import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.cpu.bindings.LeanSpikeNative;
import io.leanspike.backend.cpu.bindings.leanspike_low_bit_matrix;
import io.leanspike.model.LinearWeights;
import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.LowBitMatrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A linear layer in the order that one form of the kernels reads.
 *
 * @param code LEANSPIKE_WEIGHTS_*
 * @param scale [outputs] of sums of integers; NULL for float32
 */
record PackedLinear(int code, MemorySegment packed, MemorySegment scale, MemorySegment bias, int inputs, int outputs) {

    /** @throws IllegalArgumentException when the weights do not have this form */
    static PackedLinear of(NativeContext context, LinearWeights linear, CpuMatmul form, Arena arena) {
        MemorySegment bias = arena.allocateFrom(ValueLayout.JAVA_FLOAT, linear.bias());
        if (form == CpuMatmul.FLOATS) {
            return new PackedLinear(LeanSpikeNative.LEANSPIKE_WEIGHTS_FLOAT(), floats(context, linear, arena), MemorySegment.NULL, bias,
                    linear.inputs(), linear.outputs());
        }
        int code = code(form, linear.weight());
        MemorySegment packed = switch (linear.weight()) {
            case LowBitMatrix bits -> lowBits(context, bits, code, arena);
            case Int8Matrix bytes -> int8(context, bytes, code, arena);
            case DenseMatrix dense -> throw new IllegalStateException("unreachable: " + form);
        };
        MemorySegment scale = arena.allocate((long) linear.outputs() * Float.BYTES, Float.BYTES).copyFrom(scales(linear.weight()));
        return new PackedLinear(code, packed, scale, bias, linear.inputs(), linear.outputs());
    }

    private static MemorySegment floats(NativeContext context, LinearWeights linear, Arena arena) {
        MemorySegment packed = arena.allocate(LeanSpikeNative.leanspike_packed_bytes(linear.outputs(), linear.inputs()), 64);
        try (Arena call = Arena.ofConfined()) {
            Status.check(LeanSpikeNative.leanspike_pack_weights(context.handle(), NativeMatrix.of(linear.weight(), call), packed));
        }
        return packed;
    }

    private static int code(CpuMatmul form, WeightMatrix weights) {
        boolean signs = weights instanceof LowBitMatrix;
        boolean bytes = weights instanceof Int8Matrix;
        if (form == CpuMatmul.BYTES && (signs || bytes)) {
            return signs ? LeanSpikeNative.LEANSPIKE_WEIGHTS_BYTES() : LeanSpikeNative.LEANSPIKE_WEIGHTS_INT8_BYTES();
        }
        if (form == CpuMatmul.DOTS && bytes) {
            return LeanSpikeNative.LEANSPIKE_WEIGHTS_INT8_DOTS();
        }
        if (form == CpuMatmul.PLANES && signs) {
            return weights instanceof BinaryMatrix ? LeanSpikeNative.LEANSPIKE_WEIGHTS_BINARY_PLANE()
                    : LeanSpikeNative.LEANSPIKE_WEIGHTS_TERNARY_PLANES();
        }
        throw new IllegalArgumentException("weights of this kind cannot be packed as " + form);
    }

    private static MemorySegment scales(WeightMatrix weights) {
        return switch (weights) {
            case LowBitMatrix bits -> bits.scales();
            case Int8Matrix bytes -> bytes.scales();
            case DenseMatrix dense -> throw new IllegalStateException("unreachable: no scales");
        };
    }

    private static MemorySegment int8(NativeContext context, Int8Matrix bytes, int code, Arena arena) {
        MemorySegment packed = arena.allocate(LeanSpikeNative.leanspike_packed_int8_bytes(bytes.rows(), bytes.columns()), 64);
        try (Arena call = Arena.ofConfined()) {
            MemorySegment matrix = NativeMatrix.of(bytes, call);
            Status.check(LeanSpikeNative.leanspike_pack_int8(context.handle(), matrix, code, packed));
        }
        return packed;
    }

    private static MemorySegment lowBits(NativeContext context, LowBitMatrix bits, int code, Arena arena) {
        MemorySegment packed = arena.allocate(LeanSpikeNative.leanspike_packed_low_bit_bytes(code, bits.rows(), bits.columns()), 64);
        try (Arena call = Arena.ofConfined()) {
            MemorySegment matrix = leanspike_low_bit_matrix.allocate(call);
            leanspike_low_bit_matrix.rows(matrix, bits.rows());
            leanspike_low_bit_matrix.cols(matrix, bits.columns());
            switch (bits) {
                case BinaryMatrix binary -> leanspike_low_bit_matrix.plus(matrix, aligned(binary.plus().words(), call));
                case TernaryMatrix ternary -> {
                    leanspike_low_bit_matrix.plus(matrix, aligned(ternary.plus().words(), call));
                    leanspike_low_bit_matrix.minus(matrix, aligned(ternary.minus().words(), call));
                }
            }
            Status.check(LeanSpikeNative.leanspike_pack_low_bit(context.handle(), matrix, code, packed));
        }
        return packed;
    }

    /** Words as the ABI wants them: files need not align them. */
    private static MemorySegment aligned(MemorySegment words, Arena arena) {
        return arena.allocate(words.byteSize(), Long.BYTES).copyFrom(words);
    }
}
