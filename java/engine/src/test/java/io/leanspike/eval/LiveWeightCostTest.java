package io.leanspike.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.RandomModel.Stored;
import io.leanspike.backend.TestedBackend;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.SpikeTensor;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** SOPs are the spikes through weights that are not 0, one by one, on every backend. */
class LiveWeightCostTest {
    private static final Shape SHAPE = new Shape(72, 4, 130, 5, 9, 1, 6);

    @TestFactory
    List<DynamicTest> sopsAreTheSpikesThroughLiveWeightsCountedOneByOne() {
        List<DynamicTest> tests = new ArrayList<>();
        for (TestedBackend tested : TestedBackend.all()) {
            for (Stored stored : Stored.values()) {
                for (List<Integer> timesteps : List.of(List.of(5, 5), List.of(5, 3))) {
                    tests.add(DynamicTest.dynamicTest(tested + " " + stored + " T = " + timesteps, () -> check(tested, stored, timesteps)));
                }
            }
        }
        return tests;
    }

    private static void check(TestedBackend tested, Stored stored, List<Integer> timesteps) {
        ModelConfig config = RandomModel.config(SHAPE, 2, 1, 1, 0.5);
        TokenBatch batch = RandomModel.batch(SHAPE, 3, true);
        try (Arena arena = Arena.ofShared(); Backend backend = tested.open()) {
            EncoderWeights weights = RandomModel.weights(config, 7, arena, List.of(stored));
            Planner planner = new Planner(config, weights, new TimestepSchedule(timesteps), Mode.SPIKING, 0.5, CostModel.DEFAULT,
                    SpikeDensities.TYPICAL, backend);
            try (LoadedModel model = backend.load(config, weights); BatchRun run = model.begin(batch, Retention.POPULATIONS)) {
                InferenceSession session = new InferenceSession(model, planner, weights, backend);
                ExecutionPlan plan = session.plan(batch);
                run.execute(plan.calls());
                SpikeTally tally = new SpikeTally(session);
                tally.add(plan, batch, run);
                Cost cost = tally.cost();
                long all = count(weights, batch, run, timesteps, false);
                long live = count(weights, batch, run, timesteps, true);
                assertEquals(all, cost.fanOutOperations());
                assertTrue(cost.countsLiveWeights());
                assertEquals(live, cost.synapticOperations());
            }
        }
    }

    private static long count(EncoderWeights weights, TokenBatch batch, BatchRun run, List<Integer> timesteps, boolean liveOnly) {
        long sum = 0;
        for (int layer = 0; layer < weights.layers().size(); layer++) {
            boolean retimed = layer > 0 && !timesteps.get(layer).equals(timesteps.get(layer - 1));
            for (Projection projection : Projection.values()) {
                Population read = projection.input(layer);
                boolean readsInput = read.equals(Population.inputOf(layer));
                SpikeTensor spikes = run.spikes(readsInput && retimed ? new Population(layer, Population.Kind.INPUT) : read);
                WeightMatrix matrix = projection.weights(weights.layers().get(layer)).weight();
                for (int column = 0; column < matrix.columns(); column++) {
                    int outputs = 0;
                    for (int row = 0; row < matrix.rows(); row++) {
                        outputs += !liveOnly || matrix.get(row, column) != 0 ? 1 : 0;
                    }
                    sum += outputs * spikesOf(spikes, column, 0, batch.rows());
                }
            }
            for (Population.Kind kind : List.of(Population.Kind.KEY, Population.Kind.VALUE)) {
                SpikeTensor spikes = run.spikes(new Population(layer, kind));
                for (int b = 0; b < batch.sequences(); b++) {
                    for (int column = 0; column < spikes.width(); column++) {
                        sum += batch.length(b) * spikesOf(spikes, column, batch.rowOffsets()[b], batch.rowOffsets()[b + 1]);
                    }
                }
            }
        }
        return sum;
    }

    private static long spikesOf(SpikeTensor spikes, int unit, int fromRow, int toRow) {
        long count = 0;
        for (int row = fromRow; row < toRow; row++) {
            for (int t = 0; t < spikes.timesteps(); t++) {
                count += spikes.get(row, t, unit) ? 1 : 0;
            }
        }
        return count;
    }
}
