package io.leanspike.backend;

import io.leanspike.model.AttentionHeads;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One operation of a forward pass: the vocabulary that planner and backends share. A call names populations and weights; the memory
 * behind them belongs to the {@link BatchRun} that executes it.
 */
public sealed interface KernelCall {

    /** The operation's one name: of the C function, the CUDA kernel, the benchmark and the test. */
    String operation();

    /** Name of what the call makes: a population, a query or "logits". */
    String output();

    KernelChoice choice();

    /** The operations it is made of: itself, but for {@link Fused}. */
    default List<KernelCall> parts() {
        return List.of(this);
    }

    /** Calls of one operation that share an operand and run as one launch. */
    record Fused(List<KernelCall> parts, KernelChoice choice) implements KernelCall {

        /** @throws IllegalArgumentException when there are no parts or their operations differ */
        public Fused {
            parts = List.copyOf(parts);
            if (parts.stream().map(KernelCall::operation).distinct().count() != 1) {
                throw new IllegalArgumentException("calls of one operation fuse, not " + parts);
            }
        }

        @Override
        public String operation() {
            return parts.getFirst().operation();
        }

        @Override
        public String output() {
            return parts.stream().map(KernelCall::output).collect(Collectors.joining(" + "));
        }
    }

    /** Embedding gather and LayerNorm, once a token, then the neuron over all timesteps. */
    record SpikeEncode(int width, int timesteps, Neuron neuron, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "spike_encode";
        }

        @Override
        public String output() {
            return Population.EMBEDDING.toString();
        }
    }

    /**
     * Spikes x weights, all timesteps in one product, with its fused epilogue.
     *
     * @param source the population that the layer reads
     */
    record SpikeMatmul(int layer, Projection projection, Population source, int inputs, int outputs, int timesteps, Neuron neuron,
            KernelChoice choice) implements KernelCall {

        /** Of a layer that reads the population before it as it is. */
        public SpikeMatmul(int layer, Projection projection, int inputs, int outputs, int timesteps, Neuron neuron, KernelChoice choice) {
            this(layer, projection, Population.inputOf(layer), inputs, outputs, timesteps, neuron, choice);
        }

        /** The population that the product reads. */
        public Population input() {
            return projection.input(layer).equals(Population.inputOf(layer)) ? source : projection.input(layer);
        }

        /** The population added before the LayerNorm; empty for products without one. */
        public Optional<Population> residual() {
            return projection.residual(layer).map(population -> population.equals(Population.inputOf(layer)) ? source : population);
        }

        @Override
        public String operation() {
            return "spike_matmul";
        }

        @Override
        public String output() {
            return projection.outputName(layer);
        }
    }

    /**
     * A population's spikes over another number of timesteps, for a layer that has it: a unit that spiked c of T times spikes
     * round(c T' / T) of T' times, evenly spaced. Of three rules it kept the most accuracy: on sst2-tiny (SST-2 dev, u0 = 0.5, layers with
     * T = 16,4 8,2 4,16 4,2 8,4 and 2,1) 80.9% on average, beside 80.7% reading the last T' timesteps and 79.7% reading the first.
     */
    record SpikeRetime(int layer, Population from, int width, int fromTimesteps, int timesteps, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "spike_retime";
        }

        @Override
        public String output() {
            return new Population(layer, Population.Kind.INPUT).toString();
        }
    }

    /** Real queries against key and value spikes, then the neuron of the context. */
    record SpikingAttention(int layer, AttentionHeads heads, int timesteps, Neuron neuron, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "spiking_attention";
        }

        @Override
        public String output() {
            return new Population(layer, Population.Kind.CONTEXT).toString();
        }
    }

    /** Spikes of a population, summed by sequence: what the accounting measures. */
    record SpikeCount(Population population, int width, int timesteps, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "spike_count";
        }

        @Override
        public String output() {
            return population.toString();
        }
    }

    /** Spikes of each unit of a population, summed over time: int32 [rows, width]. */
    record UnitCount(Population population, int width, int timesteps, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "spike_count";
        }

        @Override
        public String output() {
            return population + " units";
        }
    }

    /**
     * Accumulates that a population's spikes cause in the products that read it, one for each live weight, summed by sequence. Only needed
     * where its units have different numbers of live weights.
     *
     * @param population that the products read
     */
    record SynapseCount(int layer, Readers readers, Population population, int width, int timesteps, KernelChoice choice)
            implements KernelCall {
        @Override
        public String operation() {
            return "synapse_count";
        }

        @Override
        public String output() {
            return output(population);
        }

        /** Name of the totals of a population's synapses. */
        public static String output(Population population) {
            return population + " synapses";
        }
    }

    /** The neuron alone: a population's spikes from currents given by {@link BatchRun#writeCurrent}. */
    record MembraneUpdate(Population population, int width, int timesteps, Neuron neuron, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "membrane_update";
        }

        @Override
        public String output() {
            return population.toString();
        }
    }

    /** Logits from the rate of each sequence's first token; the rates are spikes / timesteps, or given (equilibrium). */
    record ClassifierHead(Population input, int width, int labels, Optional<Integer> timesteps, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "classifier_head";
        }

        @Override
        public String output() {
            return "logits";
        }
    }

    /** Equilibrium: embedding gather, LayerNorm, clamp. */
    record RateEncode(int width, Neuron neuron, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "rate_encode";
        }

        @Override
        public String output() {
            return Population.EMBEDDING.toString();
        }
    }

    /** Equilibrium: rates x weights with the epilogue, the neuron replaced by its clamp. */
    record RateMatmul(int layer, Projection projection, int inputs, int outputs, Neuron neuron, KernelChoice choice)
            implements KernelCall {
        @Override
        public String operation() {
            return "rate_matmul";
        }

        @Override
        public String output() {
            return projection.outputName(layer);
        }
    }

    /** Equilibrium: attention between real queries, key rates and value rates, then the clamp. */
    record RateAttention(int layer, AttentionHeads heads, Neuron neuron, KernelChoice choice) implements KernelCall {
        @Override
        public String operation() {
            return "rate_attention";
        }

        @Override
        public String output() {
            return new Population(layer, Population.Kind.CONTEXT).toString();
        }
    }
}
