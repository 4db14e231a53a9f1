package io.leanspike.bench;

import io.leanspike.backend.KernelCall;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** {@code spike_encode}: embedding gather and LayerNorm once a token, then the neurons over all timesteps. */
public class SpikeEncode extends OperationBenchmark {
    /** Reported a second: billions of neuron updates. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Updates {
        public double gigaUpdates;
    }

    /** Encoding reads no spikes. */
    @Override
    protected Density density() {
        return Density.MEASURED;
    }

    @Override
    KernelCall choose(OperationRun operations) {
        return operations.first(KernelCall.SpikeEncode.class);
    }

    @Benchmark
    public void encode(Updates updates) {
        execute();
        KernelCall.SpikeEncode call = (KernelCall.SpikeEncode) call();
        updates.gigaUpdates += 1e-9 * batch().rows() * call.timesteps() * call.width();
    }
}
