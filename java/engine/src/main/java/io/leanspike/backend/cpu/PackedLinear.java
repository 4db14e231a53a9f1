package io.leanspike.backend.cpu;

import io.leanspike.backend.cpu.bindings.LeanSpikeNative;
import io.leanspike.model.LinearWeights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A linear layer in the kernels' own order. */
record PackedLinear(MemorySegment packed, MemorySegment bias, int inputs, int outputs) {

    static PackedLinear of(NativeContext context, LinearWeights linear, Arena arena) {
        MemorySegment packed = arena.allocate(LeanSpikeNative.leanspike_packed_bytes(linear.outputs(), linear.inputs()), 64);
        try (Arena call = Arena.ofConfined()) {
            Status.check(LeanSpikeNative.leanspike_pack_weights(context.handle(), NativeMatrix.of(linear.weight(), call), packed));
        }
        MemorySegment bias = arena.allocateFrom(ValueLayout.JAVA_FLOAT, linear.bias());
        return new PackedLinear(packed, bias, linear.inputs(), linear.outputs());
    }
}
