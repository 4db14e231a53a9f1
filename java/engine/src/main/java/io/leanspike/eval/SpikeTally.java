package io.leanspike.eval;

import io.leanspike.account.EnergyModel;
import io.leanspike.account.LayerSpikes;
import io.leanspike.account.Operations;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.backend.Population.Kind;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adds up, batch by batch, what the spikes of a run cost and what a dense network of the same shape would have cost. */
final class SpikeTally {
    private final EncoderWeights weights;
    private final Map<Population, PopulationActivity> activity = new LinkedHashMap<>();
    private long synapticOperations;
    private long macs;
    private long denseMacs;

    SpikeTally(EncoderWeights weights) {
        this.weights = weights;
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
                        new PopulationActivity(count.population(), count.timesteps(), count.width(), batch.rows(), spikes),
                        (before, now) -> before.plus(now.tokens(), now.spikes()));
            }
        }
        for (int b = 0; b < batch.sequences(); b++) {
            long dense = Operations.denseMacs(weights, batch.length(b));
            denseMacs += dense;
            if (plan.mode() == Mode.SPIKING) {
                macs += Operations.classifierMacs(weights);
                synapticOperations += synapticOperations(batch, run, b);
            } else {
                macs += dense;
            }
        }
    }

    private long synapticOperations(TokenBatch batch, BatchRun run, int sequence) {
        long sum = 0;
        for (int layer = 0; layer < weights.layers().size(); layer++) {
            LayerSpikes spikes = new LayerSpikes(
                    run.spikeTotals(readBy(layer))[sequence],
                    run.spikeTotals(new Population(layer, Kind.KEY))[sequence],
                    run.spikeTotals(new Population(layer, Kind.VALUE))[sequence],
                    run.spikeTotals(new Population(layer, Kind.CONTEXT))[sequence],
                    run.spikeTotals(new Population(layer, Kind.ATTENTION_OUTPUT))[sequence],
                    run.spikeTotals(new Population(layer, Kind.INTERMEDIATE))[sequence]);
            sum += Operations.synapticOperations(weights.layers().get(layer), spikes, batch.length(sequence));
        }
        return sum;
    }

    /** The population that a layer's products read. */
    private Population readBy(int layer) {
        Population retimed = new Population(layer, Kind.INPUT);
        return activity.containsKey(retimed) ? retimed : Population.inputOf(layer);
    }

    Collection<PopulationActivity> activity() {
        return activity.values();
    }

    Cost cost() {
        EnergyModel energy = EnergyModel.FORTY_FIVE_NANOMETRES;
        return new Cost(synapticOperations, macs, denseMacs, energy.joules(synapticOperations, macs), energy.joules(0, denseMacs));
    }
}
