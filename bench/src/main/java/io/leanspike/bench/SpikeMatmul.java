package io.leanspike.bench;

import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Projection;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@code spike_matmul}: spikes x float32 weights over all timesteps, with the epilogue (LayerNorm, GELU, membrane) of its projection. */
public class SpikeMatmul extends OperationBenchmark {
    /** VALUE has the shape and epilogue of KEY. */
    @Param({"QUERY", "KEY", "ATTENTION_OUTPUT", "INTERMEDIATE", "OUTPUT"})
    public Projection projection;

    @Param({"FIVE_PERCENT", "TWENTY_PERCENT", "FIFTY_PERCENT", "MEASURED"})
    public Density density;

    @Override
    protected Density density() {
        return density;
    }

    @Override
    KernelCall choose(OperationRun operations) {
        return operations.matmul(projection);
    }

    @Benchmark
    public void product(Products products) {
        execute();
        products.gmac += Work.gmac((KernelCall.SpikeMatmul) call(), batch().rows());
    }
}
