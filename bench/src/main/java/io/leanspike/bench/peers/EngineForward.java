package io.leanspike.bench.peers;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.bench.Work;
import io.leanspike.schedule.BatchShape;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Our engine on one batch: planning, forward pass and accounting of spikes, as a user of the library gets it. */
final class EngineForward implements PreparedForward.Spiking {
    private final LoadedModel model;
    private final TokenBatch batch;
    private final Planner planner;

    /**
     * Loads the model.
     *
     * @param expected what share of each population the planner expects to spike
     */
    EngineForward(Backend backend, Checkpointed subject, TokenBatch batch, int timesteps, SpikeDensities expected) {
        this.batch = batch;
        planner = new Planner(subject.config(), subject.weights(), TimestepSchedule.uniform(timesteps, subject.config().hiddenLayers()),
                Mode.SPIKING, subject.config().spiking().initialPotential(), CostModel.DEFAULT, expected, backend);
        model = backend.load(subject.config(), subject.weights());
    }

    private ExecutionPlan plan() {
        return planner.plan(BatchShape.of(batch));
    }

    @Override
    public double[][] logits() {
        try (BatchRun run = model.begin(batch, Retention.NONE)) {
            run.execute(plan().calls());
            return run.logits();
        }
    }

    /** Share of the units that spiked in a timestep, by population, as the engine's own accounting counts them. */
    Map<Population, Double> densities() {
        ExecutionPlan plan = plan();
        Map<Population, Double> densities = new HashMap<>();
        try (BatchRun run = model.begin(batch, Retention.NONE)) {
            run.execute(plan.calls());
            for (KernelCall call : plan.operations()) {
                if (call instanceof KernelCall.SpikeCount count) {
                    densities.put(count.population(), Arrays.stream(run.spikeTotals(count.population())).sum()
                            / ((double) batch.rows() * count.timesteps() * count.width()));
                }
            }
        }
        return densities;
    }

    /**
     * Where the time of forward passes goes.
     *
     * @param productShare of the time, products with their epilogues
     * @param gmacPerSecond dense-equivalent billions of products a second, while products run
     */
    record Shares(double productShare, double gmacPerSecond) {}

    /** Forward passes call by call, as many as fill {@code seconds}, at least one. */
    Shares shares(double seconds) {
        double gmac = 0;
        long productNanos = 0;
        long elapsed;
        long start = System.nanoTime();
        do {
            ExecutionPlan plan = plan();
            try (BatchRun run = model.begin(batch, Retention.NONE)) {
                for (KernelCall call : plan.calls()) {
                    long before = System.nanoTime();
                    run.execute(List.of(call));
                    long nanos = System.nanoTime() - before;
                    double products = Work.productGmac(call, batch.rows());
                    if (products > 0) {
                        productNanos += nanos;
                        gmac += products;
                    }
                }
                run.logits();
            }
            elapsed = System.nanoTime() - start;
        } while (elapsed < seconds * 1e9);
        return new Shares((double) productNanos / elapsed, gmac / (productNanos * 1e-9));
    }

    @Override
    public void close() {
        model.close();
    }
}
