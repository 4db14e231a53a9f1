package io.leanspike.eval;

import io.leanspike.account.EnergyModel;
import io.leanspike.account.FanOut;
import io.leanspike.account.LayerAccumulates;
import io.leanspike.account.LayerSpikes;
import io.leanspike.account.Operations;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.backend.Population.Kind;
import io.leanspike.backend.Readers;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Adds up, batch by batch, what the spikes of a run cost and what a dense network of the same shape would have cost. */
final class SpikeTally {
    private final InferenceSession session;
    private final EncoderWeights weights;
    private final Map<Population, PopulationActivity> activity = new LinkedHashMap<>();
    private long synapticOperations;
    private long fanOutOperations;
    private boolean countsLiveWeights = true;
    private long macs;
    private long denseMacs;

    SpikeTally(InferenceSession session) {
        this.session = session;
        weights = session.weights();
    }

    /** Counts a batch that the plan has been run for. */
    void add(ExecutionPlan plan, TokenBatch batch, BatchRun run) {
        for (KernelCall call : plan.operations()) {
            if (call instanceof KernelCall.SpikeCount count) {
                long spikes = 0;
                for (long total : run.spikeTotals(count.population())) {
                    spikes += total;
                }
                activity.merge(count.population(),
                        new PopulationActivity(count.population(), count.timesteps(), count.width(), batch.rows(),
                                (long) batch.rows() * count.timesteps(), spikes),
                        PopulationActivity::plus);
            }
        }
        if (plan.mode() == Mode.SPIKING) {
            Set<Population> counted = plan.operations().stream()
                    .filter(KernelCall.SynapseCount.class::isInstance).map(call -> ((KernelCall.SynapseCount) call).population())
                    .collect(Collectors.toSet());
            for (int layer = 0; layer < weights.layers().size(); layer++) {
                addLayer(layer, plan, batch, run, counted);
            }
        }
        for (int b = 0; b < batch.sequences(); b++) {
            macs += plan.mode() == Mode.SPIKING ? Operations.classifierMacs(weights) : Operations.denseMacs(weights, batch.length(b));
        }
    }

    /** Counts what a dense network would have done for a sequence: once, however often the spiking one runs it. */
    void addDense(int length) {
        denseMacs += Operations.denseMacs(weights, length);
    }

    /** @param counted populations whose synapses were counted */
    private void addLayer(int layer, ExecutionPlan plan, TokenBatch batch, BatchRun run, Set<Population> counted) {
        Population source = readBy(layer, plan);
        long[] input = run.spikeTotals(source);
        long[] key = run.spikeTotals(new Population(layer, Kind.KEY));
        long[] value = run.spikeTotals(new Population(layer, Kind.VALUE));
        long[] context = run.spikeTotals(new Population(layer, Kind.CONTEXT));
        long[] attentionOutput = run.spikeTotals(new Population(layer, Kind.ATTENTION_OUTPUT));
        long[] intermediate = run.spikeTotals(new Population(layer, Kind.INTERMEDIATE));
        Optional<long[]> ofInput = live(layer, Readers.OF_INPUT, source, input, counted, run);
        Optional<long[]> ofContext = live(layer, Readers.OF_CONTEXT, source, context, counted, run);
        Optional<long[]> ofAttentionOutput = live(layer, Readers.OF_ATTENTION_OUTPUT, source, attentionOutput, counted, run);
        Optional<long[]> ofIntermediate = live(layer, Readers.OF_INTERMEDIATE, source, intermediate, counted, run);
        for (int b = 0; b < batch.sequences(); b++) {
            LayerSpikes spikes = new LayerSpikes(input[b], key[b], value[b], context[b], attentionOutput[b], intermediate[b]);
            LayerAccumulates all = Operations.ofAllWeights(weights.layers().get(layer), spikes);
            LayerAccumulates live = new LayerAccumulates(
                    of(ofInput, b, all.input()),
                    of(ofContext, b, all.context()),
                    of(ofAttentionOutput, b, all.attentionOutput()),
                    of(ofIntermediate, b, all.intermediate()));
            synapticOperations += Operations.synapticOperations(live, spikes, batch.length(b));
            fanOutOperations += Operations.synapticOperations(all, spikes, batch.length(b));
        }
    }

    /**
     * Accumulates of each sequence's spikes through live weights; empty where nobody can tell the live ones.
     *
     * @param spikes of the population that these read, by sequence
     */
    private Optional<long[]> live(int layer, Readers readers, Population source, long[] spikes, Set<Population> counted, BatchRun run) {
        Population population = readers.population(layer, source);
        FanOut fanOut = session.fanOut(layer, readers);
        if (fanOut.isUniform()) {
            return Optional.of(Arrays.stream(spikes).map(total -> total * fanOut.least()).toArray());
        }
        if (counted.contains(population)) {
            return Optional.of(run.synapseTotals(population));
        }
        countsLiveWeights = false;
        return Optional.empty();
    }

    /** @param all if every weight were live, which is what counts where nobody can tell */
    private static long of(Optional<long[]> live, int sequence, long all) {
        return live.isPresent() ? live.get()[sequence] : all;
    }

    /** The population that a layer's products read. */
    private static Population readBy(int layer, ExecutionPlan plan) {
        boolean retimed = layer > 0 && plan.schedule().of(layer) != plan.schedule().of(layer - 1);
        return retimed ? new Population(layer, Kind.INPUT) : Population.inputOf(layer);
    }

    Collection<PopulationActivity> activity() {
        return activity.values();
    }

    Cost cost() {
        EnergyModel energy = EnergyModel.FORTY_FIVE_NANOMETRES;
        return new Cost(synapticOperations, fanOutOperations, countsLiveWeights, macs, denseMacs, energy.joules(synapticOperations, macs),
                energy.joules(0, denseMacs));
    }
}
