package io.leanspike.backend;

import io.leanspike.tensor.SpikeTensor;
import java.util.List;

/** One forward pass over one batch; used by one thread at a time. What it hands out is valid until it is closed. */
public interface BatchRun extends AutoCloseable {

    /** Executes the calls in their order. */
    void execute(List<KernelCall> calls);

    /** Sets a population's spikes, in place of the call that would make them. For single operations under test or benchmark. */
    void write(Population population, SpikeTensor spikes);

    /** Sets a layer's query [rows, timesteps, width] (equilibrium: timesteps = 1), in place of the call that would make it. */
    void writeQuery(int layer, int timesteps, float[] query);

    /** Sets the currents [rows, timesteps, width] that {@link KernelCall.MembraneUpdate} of this population reads. */
    void writeCurrent(Population population, int timesteps, float[] current);

    /** Sets a population's rates [rows, width], in place of the call that would make them. */
    void writeRates(Population population, float[] rates);

    /** A population's spikes. @throws IllegalStateException when no call made them or they were not retained */
    SpikeTensor spikes(Population population);

    /** A population's equilibrium rates [rows, width]. @throws IllegalStateException as {@link #spikes} */
    double[] rates(Population population);

    /** A layer's query [rows, timesteps, width]. @throws IllegalStateException as {@link #spikes} */
    double[] query(int layer);

    /** All spikes of each sequence, from the population's {@code spike_count} call. */
    long[] spikeTotals(Population population);

    /** Accumulates that each sequence's spikes cause, from the population's {@link KernelCall.SynapseCount}. */
    long[] synapseTotals(Population population);

    /** Spikes of each unit [rows, width], from the population's {@link KernelCall.UnitCount}. */
    int[] unitCounts(Population population);

    /**
     * Sum of each unit's currents [rows, width] over the timesteps: the membrane potential if spikes took nothing away.
     *
     * @throws UnsupportedOperationException where currents are not kept: only the reference backend does
     */
    default double[] accumulated(Population population) {
        throw new UnsupportedOperationException("membrane potentials are measured on the reference backend only");
    }

    /** Logits [sequences][labels]. */
    double[][] logits();

    @Override
    void close();
}
