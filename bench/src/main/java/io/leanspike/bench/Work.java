package io.leanspike.bench;

import io.leanspike.backend.KernelCall;

/**
 * Dense-equivalent work of a product: the multiply-accumulates (MACs) that a dense network would do for the same operands, whatever
 * share of them spikes. A product of T timesteps counts T times.
 */
public final class Work {
    private Work() {}

    /** Billions of MACs of [rows, inputs] x [inputs, outputs]. */
    public static double gmac(long rows, long inputs, long outputs) {
        return rows * inputs * outputs * 1e-9;
    }

    /** Billions of MACs of a product over so many tokens. */
    public static double gmac(KernelCall.SpikeMatmul call, int tokens) {
        return gmac((long) tokens * call.timesteps(), call.inputs(), call.outputs());
    }

    /** Billions of MACs of the products that a call makes; 0 where it makes none. */
    public static double productGmac(KernelCall call, int tokens) {
        return call.parts().stream().mapToDouble(part -> part instanceof KernelCall.SpikeMatmul product ? gmac(product, tokens) : 0).sum();
    }

    /** Billions of MACs of attention: query x key and probabilities x value, in all heads. */
    static double gmac(KernelCall.SpikingAttention call, SyntheticBatch batch) {
        return gmac((long) batch.rows() * call.timesteps(), call.heads().keyWidth() + call.heads().valueWidth(), batch.length());
    }
}
