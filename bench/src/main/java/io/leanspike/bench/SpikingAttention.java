package io.leanspike.bench;

import io.leanspike.backend.KernelCall;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@code spiking_attention}: real queries against key and value spikes, softmax included. */
public class SpikingAttention extends OperationBenchmark {
    @Param({"FIVE_PERCENT", "TWENTY_PERCENT", "FIFTY_PERCENT", "MEASURED"})
    public Density density;

    @Override
    protected Density density() {
        return density;
    }

    @Override
    KernelCall choose(OperationRun operations) {
        return operations.first(KernelCall.SpikingAttention.class);
    }

    @Benchmark
    public void attention(Products products) {
        execute();
        products.gmac += Work.gmac((KernelCall.SpikingAttention) call(), batch());
    }
}
