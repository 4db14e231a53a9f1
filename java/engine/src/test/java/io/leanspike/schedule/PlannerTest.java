package io.leanspike.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.Backend;
import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.Epilogue;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.RandomModel.Stored;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final Shape SHAPE = new Shape(8, 2, 16, 4, 5);
    private static final BatchShape BATCH = new BatchShape(3, 15, 5);

    private static ExecutionPlan plan(TimestepSchedule schedule, Mode mode, double leak) {
        return plan(schedule, mode, leak, Stored.F32);
    }

    private static ExecutionPlan plan(TimestepSchedule schedule, Mode mode, double leak, Stored stored) {
        ModelConfig config = RandomModel.config(SHAPE, 2, 1.5, leak, 0);
        try (Arena arena = Arena.ofConfined(); Backend backend = new ReferenceBackend(1)) {
            return new Planner(config, RandomModel.weights(config, 1, arena, List.of(stored)), schedule, mode, 0.5, CostModel.DEFAULT,
                    SpikeDensities.TYPICAL, backend)
                    .plan(BATCH);
        }
    }

    @Test
    void aSpikingPlanRunsEveryLayerOnceWithAllItsTimesteps() {
        ExecutionPlan plan = plan(TimestepSchedule.uniform(4, 2), Mode.SPIKING, 1);
        assertEquals("1 spike_encode, 12 spike_matmul, 2 spiking_attention, 13 spike_count, 1 classifier_head", plan.summary());
        for (KernelCall call : plan.calls()) {
            if (call instanceof KernelCall.SpikeMatmul matmul) {
                assertEquals(4, matmul.timesteps());
            }
        }
    }

    @Test
    void everyPopulationOfTheModelIsCounted() {
        List<Population> counted = plan(TimestepSchedule.uniform(4, 2), Mode.SPIKING, 1).calls().stream()
                .filter(KernelCall.SpikeCount.class::isInstance)
                .map(call -> ((KernelCall.SpikeCount) call).population())
                .toList();
        assertEquals(Population.all(2), counted);
    }

    /** The zeros of a ternary matrix lie where they lie; of a binary one there are none, so that spikes alone tell what they cause. */
    @Test
    void synapsesAreCountedWhereUnitsDifferInThem() {
        TimestepSchedule schedule = TimestepSchedule.uniform(4, 2);
        List<String> counted = plan(schedule, Mode.SPIKING, 1, Stored.TERNARY).calls().stream()
                .filter(KernelCall.SynapseCount.class::isInstance).map(KernelCall::output).toList();
        assertEquals(List.of("embedding synapses", "layer.0.context synapses", "layer.0.attention_output synapses",
                "layer.0.intermediate synapses", "layer.0.output synapses", "layer.1.context synapses", "layer.1.attention_output synapses",
                "layer.1.intermediate synapses"), counted);
        assertTrue(plan(schedule, Mode.SPIKING, 1, Stored.BINARY).calls().stream().noneMatch(KernelCall.SynapseCount.class::isInstance));
    }

    @Test
    void aPlanIsAValue() {
        assertEquals(plan(TimestepSchedule.uniform(4, 2), Mode.SPIKING, 1), plan(new TimestepSchedule(List.of(4, 4)), Mode.SPIKING, 1));
    }

    @Test
    void tilesGiveThreadsEqualShares() {
        for (int rows = 1; rows < 700; rows += 7) {
            for (int threads = 1; threads <= 4; threads++) {
                int tile = CostModel.DEFAULT.tileRows(Epilogue.NORM_MEMBRANE, rows, 2, 384, threads);
                int tiles = (rows + tile - 1) / tile;
                int busiest = (tiles + threads - 1) / threads * tile;
                assertTrue(busiest < (rows + threads - 1) / threads + threads + tiles, rows + " rows, " + threads + " threads, " + tile + " a tile");
            }
        }
    }

    /** Few rows pay for bringing the weights, few spikes for little else: the prediction is worked out here from the terms that KernelCost names. */
    @Test
    void everyProductGetsTheKernelThatItsCostsSayIsTheCheaper() {
        Set<String> chosen = new TreeSet<>();
        try (Arena arena = Arena.ofConfined(); Backend backend = new ReferenceBackend(2)) {
            KernelCost bytes = new KernelCost(backend.variant(), WeightKind.TERNARY, CpuMatmul.BYTES, 20, 0.4, 3);
            KernelCost planes = new KernelCost(backend.variant(), WeightKind.TERNARY, CpuMatmul.PLANES, 0.7, 0.95, 0);
            CostModel costs = new CostModel(1 << 18, List.of(planes, bytes));
            ModelConfig config = RandomModel.config(SHAPE, 2, 1.5, 1, 0);
            EncoderWeights weights = RandomModel.weights(config, 1, arena, List.of(Stored.TERNARY));
            for (double density : new double[] {0.05, 0.2, 0.5}) {
                for (int t : new int[] {1, 2, 16}) {
                    Planner planner = new Planner(config, weights, TimestepSchedule.uniform(t, 2), Mode.SPIKING, 0.5, costs,
                            new SpikeDensities(Map.of(), density), backend);
                    for (int rows : new int[] {5, 40, 128, 2000}) {
                        for (KernelCall call : planner.plan(new BatchShape(1, rows, rows)).calls()) {
                            if (call instanceof KernelCall.SpikeMatmul matmul) {
                                double passes = Math.ceil((double) rows / matmul.choice().tileRows());
                                boolean few = 20 * passes + rows * t * (0.4 + density * 3) < 0.7 * passes + rows * t * 0.95;
                                String cheaper = (few ? CpuMatmul.BYTES : CpuMatmul.PLANES).toString();
                                assertEquals(cheaper, matmul.choice().variant(), "%s of %d rows, T = %d, density %s".formatted(call.output(), rows, t, density));
                                chosen.add(cheaper);
                            }
                        }
                    }
                }
            }
        }
        assertEquals(Set.of("bytes", "planes"), chosen);
    }

    @Test
    void aShapeSeenBeforeIsNotPlannedAnew() {
        ModelConfig config = RandomModel.config(SHAPE, 2, 1.5, 1, 0);
        try (Arena arena = Arena.ofConfined(); Backend backend = new ReferenceBackend(1)) {
            Planner planner = new Planner(config, RandomModel.weights(config, 1, arena, List.of(Stored.F32)), TimestepSchedule.uniform(4, 2),
                    Mode.SPIKING, 0.5, CostModel.DEFAULT, SpikeDensities.TYPICAL, backend);
            ExecutionPlan first = planner.plan(BATCH);
            for (int rows = 1; rows < 100; rows++) {
                assertEquals(rows, planner.plan(new BatchShape(1, rows, rows)).shape().rows());
                assertSame(planner.plan(BATCH), planner.plan(new BatchShape(3, 15, 5)));
            }
            assertSame(first, planner.plan(BATCH));
            assertEquals(2, planner.with(TimestepSchedule.uniform(2, 2)).plan(BATCH).schedule().of(0));
        }
    }

    @Test
    void anEquilibriumPlanHasNoTimesteps() {
        ExecutionPlan plan = plan(TimestepSchedule.uniform(4, 2), Mode.EQUILIBRIUM, 1);
        assertEquals("1 rate_encode, 12 rate_matmul, 2 rate_attention, 1 classifier_head", plan.summary());
    }

    @Test
    void theInitialPotentialIsAShareOfTheThreshold() {
        KernelCall.SpikeEncode encode = (KernelCall.SpikeEncode) plan(TimestepSchedule.uniform(4, 2), Mode.SPIKING, 1).calls().getFirst();
        assertEquals(0.5 * 1.5, encode.neuron().initialPotential());
    }

    @Test
    void aLayerReadsALayerOfOtherTimestepsRetimed() {
        ExecutionPlan plan = plan(new TimestepSchedule(List.of(8, 4)), Mode.SPIKING, 1);
        assertEquals("1 spike_encode, 12 spike_matmul, 2 spiking_attention, 14 spike_count, 1 spike_retime, 1 classifier_head", plan.summary());
        Population retimed = new Population(1, Population.Kind.INPUT);
        for (KernelCall call : plan.calls()) {
            switch (call) {
                case KernelCall.SpikeRetime c -> {
                    assertEquals(new Population(0, Population.Kind.OUTPUT), c.from());
                    assertEquals(List.of(8, 4), List.of(c.fromTimesteps(), c.timesteps()));
                }
                case KernelCall.SpikeMatmul c when c.layer() == 1 -> {
                    assertEquals(4, c.timesteps());
                    if (c.projection() == Projection.QUERY) {
                        assertEquals(retimed, c.input());
                    }
                    if (c.projection() == Projection.ATTENTION_OUTPUT) {
                        assertEquals(retimed, c.residual().orElseThrow());
                    }
                }
                case KernelCall.SpikeMatmul c -> assertEquals(8, c.timesteps());
                default -> { }
            }
        }
    }

    @Test
    void equilibriumOfALeakyModelIsRefused() {
        InvalidInputException e = assertThrows(InvalidInputException.class,
                () -> plan(TimestepSchedule.uniform(4, 2), Mode.EQUILIBRIUM, 0.9));
        assertTrue(e.getMessage().contains("0.9"), e.getMessage());
    }

    @Test
    void aTileFitsTheCacheAndLeavesNoThreadIdle() {
        CostModel costs = new CostModel(512 * 1024, List.of());
        for (Epilogue epilogue : Epilogue.values()) {
            for (int timesteps : new int[] {1, 4, 16, 128}) {
                for (int outputs : new int[] {8, 128, 768, 3072}) {
                    for (int rows : new int[] {1, 7, 1000}) {
                        int tile = costs.tileRows(epilogue, rows, timesteps, outputs, 2);
                        String what = epilogue + " T=" + timesteps + " n=" + outputs + " rows=" + rows + " tile=" + tile;
                        assertTrue(tile >= 1 && tile <= Math.max(1, (rows + 1) / 2), what);
                        long columns = epilogue == Epilogue.NORM_MEMBRANE ? outputs : Math.min(64, outputs);
                        assertTrue(tile == 1 || tile * columns * timesteps * 4 <= 512 * 1024, what);
                    }
                }
            }
        }
    }
}
