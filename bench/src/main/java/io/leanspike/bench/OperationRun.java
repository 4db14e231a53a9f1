package io.leanspike.bench;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.backend.TokenBatch;
import io.leanspike.schedule.BatchShape;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A planned batch whose populations hold random spikes, so that any one call of the plan can be executed again and again. The calls
 * are those that the planner makes for this shape, with the kernels and tiles it chose.
 */
final class OperationRun implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final ExecutionPlan plan;
    private final BatchRun run;

    /** @param batch on a model that the backend has loaded from {@code model} */
    OperationRun(Backend backend, SyntheticModel model, LoadedModel loaded, SyntheticBatch batch, int timesteps, Density density) {
        TokenBatch tokens = batch.tokens(model.config().vocabularySize());
        Planner planner = new Planner(model.config(), model.weights(), TimestepSchedule.uniform(timesteps, 1), Mode.SPIKING, 0,
                CostModel.DEFAULT, SpikeDensities.TYPICAL, backend);
        plan = planner.plan(BatchShape.of(tokens));
        run = loaded.begin(tokens, Retention.POPULATIONS);
        SplittableRandom random = new SplittableRandom(timesteps);
        for (Population population : Population.all(1)) {
            int width = population.kind() == Population.Kind.INTERMEDIATE
                    ? model.config().intermediateSize() : model.config().hiddenSize();
            run.write(population, spikes(tokens.rows(), timesteps, width, density.of(population.kind()), random));
        }
        // The query is real and made by its own product.
        run.execute(List.of(matmul(Projection.QUERY)));
    }

    private SpikeTensor spikes(int rows, int timesteps, int width, double density, SplittableRandom random) {
        SpikeTensor spikes = SpikeTensor.allocate(arena, rows, timesteps, width);
        for (int row = 0; row < rows; row++) {
            for (int t = 0; t < timesteps; t++) {
                for (int unit = 0; unit < width; unit++) {
                    if (random.nextDouble() < density) {
                        spikes.set(row, t, unit);
                    }
                }
            }
        }
        return spikes;
    }

    KernelCall.SpikeMatmul matmul(Projection projection) {
        return plan.calls().stream()
                .filter(KernelCall.SpikeMatmul.class::isInstance).map(KernelCall.SpikeMatmul.class::cast)
                .filter(call -> call.projection() == projection)
                .findFirst().orElseThrow();
    }

    /** The plan's first call of a kind. */
    <C extends KernelCall> C first(Class<C> kind) {
        return plan.calls().stream().filter(kind::isInstance).map(kind::cast).findFirst().orElseThrow();
    }

    void execute(KernelCall call) {
        run.execute(List.of(call));
    }

    @Override
    public void close() {
        run.close();
        arena.close();
    }
}
