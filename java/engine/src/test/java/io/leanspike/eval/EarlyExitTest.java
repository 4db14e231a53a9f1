package io.leanspike.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.ModelOptions;
import io.leanspike.SharedData;
import io.leanspike.SpikingModel;
import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.TestedBackend;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.SpikeTensor;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class EarlyExitTest {
    private static final EarlyExit EXIT = new EarlyExit(0.6, List.of(1, 2, 4));

    private static Evaluation evaluate(int batchSize, EarlyExit exit, Integer... timesteps) {
        List<GlueExample> some = GlueReader.read(GlueTask.SST_2, GlueTask.SST_2.file(SharedData.directory("data/glue"), "dev"))
                .subList(0, 150);
        ModelOptions options = ModelOptions.DEFAULTS.withThreads(1).withBatchSize(batchSize).withTimesteps(timesteps)
                .withInitialPotential(0.5);
        try (SpikingModel model = SpikingModel.open(SharedData.directory("models/sst2-tiny"), options)) {
            return model.evaluate(GlueTask.SST_2, some, Progress.SILENT, exit);
        }
    }

    @Test
    void aMarginThatNobodyReachesIsThePlainRun() {
        Evaluation plain = evaluate(32, EarlyExit.NEVER, 8);
        for (double margin : new double[] {1.5, Double.POSITIVE_INFINITY}) {
            Evaluation never = evaluate(32, new EarlyExit(margin, List.of(1, 2, 4)), 8);
            assertEquals(plain.metrics(), never.metrics());
            assertEquals(plain.cost(), never.cost());
            assertEquals(plain.populations(), never.populations());
            assertTrue(never.exits().isEmpty());
        }
    }

    /** A sequence's logits are those of the stage it left after; the operations are those of all runs, the dense network's those of one. */
    @Test
    void whatIsCountedIsWhatWasRun() {
        Evaluation early = evaluate(32, EXIT, 8);
        List<Evaluation> plain = List.of(evaluate(32, EarlyExit.NEVER, 1), evaluate(32, EarlyExit.NEVER, 2),
                evaluate(32, EarlyExit.NEVER, 4), evaluate(32, EarlyExit.NEVER, 8));
        int[] left = new int[4];
        for (int i = 0; i < early.predictions().size(); i++) {
            int stage = 0;
            while (stage < 3 && !EXIT.settles(plain.get(stage).predictions().get(i).logits())) {
                stage++;
            }
            left[stage]++;
            assertArrayEquals(plain.get(stage).predictions().get(i).logits(), early.predictions().get(i).logits(), "sentence " + i);
        }
        assertArrayEquals(left, early.exits().stream().mapToInt(EarlyExit.Stage::sequences).toArray());
        assertEquals(plain.getLast().cost().denseMacs(), early.cost().denseMacs());
        long first = plain.getFirst().cost().synapticOperations();
        long all = plain.stream().mapToLong(run -> run.cost().synapticOperations()).sum();
        assertTrue(early.cost().synapticOperations() > first && early.cost().synapticOperations() < all);
        assertEquals(early.cost(), evaluate(7, EXIT, 8).cost(), "whatever the batches");
    }

    @Test
    void stagesNeverRunMoreThanTheModelsOwnTimesteps() {
        assertEquals(List.of(new TimestepSchedule(List.of(2, 2, 1)), new TimestepSchedule(List.of(4, 3, 1)),
                        new TimestepSchedule(List.of(8, 3, 1))),
                new EarlyExit(0.5, List.of(2, 4, 8, 16)).stages(new TimestepSchedule(List.of(8, 3, 1))));
        assertEquals(List.of(new TimestepSchedule(List.of(1, 1)), new TimestepSchedule(List.of(2, 2))),
                EXIT.stages(new TimestepSchedule(List.of(2, 2))));
    }

    @Test
    void marginsAreBetweenTheTwoLargestProbabilities() {
        double[] logits = {Math.log(0.7), Math.log(0.1), Math.log(0.2)};
        assertTrue(new EarlyExit(0.499, List.of()).settles(logits));
        assertTrue(!new EarlyExit(0.501, List.of()).settles(logits));
        assertThrows(IllegalArgumentException.class, () -> new EarlyExit(-0.1, List.of()));
        assertThrows(IllegalArgumentException.class, () -> new EarlyExit(0.5, List.of(2, 2)));
        assertThrows(IllegalArgumentException.class, () -> new EarlyExit(0.5, List.of(0, 2)));
    }

    /** Nothing feeds back and nothing looks ahead: what running again adds is exactly the runs before the last. */
    @TestFactory
    List<DynamicTest> theSpikesOfAStageAreTheFirstOfTheNext() {
        List<DynamicTest> tests = new ArrayList<>();
        for (TestedBackend tested : TestedBackend.all()) {
            tests.add(DynamicTest.dynamicTest(tested.toString(), () -> {
                Shape shape = new Shape(40, 4, 72, 8, 7, 1, 12);
                ModelConfig config = RandomModel.config(shape, 2, 1, 1, 0.5);
                try (Arena arena = Arena.ofShared(); Backend backend = tested.open()) {
                    EncoderWeights weights = RandomModel.weights(config, 5, arena);
                    Planner planner = new Planner(config, weights, TimestepSchedule.uniform(8, 2), Mode.SPIKING, 0.5, CostModel.DEFAULT,
                            SpikeDensities.TYPICAL, backend);
                    try (LoadedModel model = backend.load(config, weights)) {
                        InferenceSession session = new InferenceSession(model, planner, weights, backend);
                        InferenceSession stage = session.stages(new EarlyExit(0.5, List.of(4))).getFirst();
                        try (BatchRun all = session.record(RandomModel.batch(shape, 3, true));
                                BatchRun few = stage.record(RandomModel.batch(shape, 3, true))) {
                            for (Population population : Population.all(2)) {
                                check(few.spikes(population), all.spikes(population), population);
                            }
                        }
                    }
                }
            }));
        }
        return tests;
    }

    private static void check(SpikeTensor few, SpikeTensor all, Population population) {
        for (int row = 0; row < few.rows(); row++) {
            for (int t = 0; t < few.timesteps(); t++) {
                for (int j = 0; j < few.width(); j++) {
                    assertEquals(all.get(row, t, j), few.get(row, t, j), population + " row " + row + " step " + t + " unit " + j);
                }
            }
        }
    }
}
