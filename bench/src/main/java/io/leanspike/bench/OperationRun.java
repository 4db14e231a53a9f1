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
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A planned batch whose populations hold random spikes and whose query is random, so that any one call of the plan can be executed again and again. The calls
 * are those that the planner makes for this shape, with the kernels and tiles it chose.
 */
public final class OperationRun implements AutoCloseable {
    /** So that a GPU's products are those on tensor cores; gathering is looked at apart. */
    private static final SpikeDensities DENSE = new SpikeDensities(Map.of(), 1);

    private final Arena arena = Arena.ofShared();
    private final ExecutionPlan plan;
    private final BatchRun run;
    private final int timesteps;
    private final Map<Population, SpikeTensor> operands = new LinkedHashMap<>();
    private final float[] reals;

    /** @param batch on a model that the backend has loaded from {@code model} */
    public OperationRun(Backend backend, SyntheticModel model, LoadedModel loaded, SyntheticBatch batch, int timesteps, Density density) {
        TokenBatch tokens = batch.tokens(model.config().vocabularySize());
        Planner planner = new Planner(model.config(), model.weights(), TimestepSchedule.uniform(timesteps, 1), Mode.SPIKING, 0,
                CostFile.load(), expected(backend, density), backend);
        plan = planner.plan(BatchShape.of(tokens));
        run = loaded.begin(tokens, Retention.POPULATIONS);
        SplittableRandom random = new SplittableRandom(timesteps);
        for (Population population : Population.all(1)) {
            int width = population.kind() == Population.Kind.INTERMEDIATE
                    ? model.config().intermediateSize() : model.config().hiddenSize();
            operands.put(population, spikes(tokens.rows(), timesteps, width, density.of(population.kind()), random));
        }
        reals = new float[tokens.rows() * timesteps * model.config().hiddenSize()];
        for (int i = 0; i < reals.length; i++) {
            reals[i] = (float) random.nextGaussian();
        }
        this.timesteps = timesteps;
        refill();
    }

    /** Gives every population its random spikes again, the query and the currents of the keys their random values. */
    public void refill() {
        operands.forEach(run::write);
        run.writeQuery(0, timesteps, reals);
        run.writeCurrent(new Population(0, Population.Kind.KEY), timesteps, reals);
    }

    private static SpikeDensities expected(Backend backend, Density density) {
        return backend.gpu().isPresent() ? DENSE : new SpikeDensities(Population.all(1).stream()
                .collect(Collectors.toMap(Function.identity(), population -> density.of(population.kind()))), 1);
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
        return plan.operations().stream()
                .filter(KernelCall.SpikeMatmul.class::isInstance).map(KernelCall.SpikeMatmul.class::cast)
                .filter(call -> call.projection() == projection)
                .findFirst().orElseThrow();
    }

    /** The first call of the plan that has such a part: the part alone, or fused with those it is launched with. */
    public KernelCall launch(Predicate<KernelCall> part) {
        return plan.calls().stream().filter(call -> call.parts().stream().anyMatch(part)).findFirst().orElseThrow();
    }

    public ExecutionPlan plan() {
        return plan;
    }

    public BatchRun run() {
        return run;
    }

    /** The plan's first call of a kind. */
    public <C extends KernelCall> C first(Class<C> kind) {
        return plan.calls().stream().filter(kind::isInstance).map(kind::cast).findFirst().orElseThrow();
    }

    public void execute(KernelCall call) {
        run.execute(List.of(call));
    }

    @Override
    public void close() {
        run.close();
        arena.close();
    }
}
