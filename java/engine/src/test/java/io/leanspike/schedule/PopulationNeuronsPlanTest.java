package io.leanspike.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.TestedBackend;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.eval.InferenceSession;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.NeuronSettings;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Thresholds and initial potentials of single populations reach every backend's neurons, and no other population's. */
class PopulationNeuronsPlanTest {
    private static final Shape SHAPE = new Shape(40, 4, 72, 5, 7, 1, 12);
    private static final ModelConfig SAME = RandomModel.config(SHAPE, 2, 1.01, 1, 0.5);

    private static ModelConfig different() {
        Map<String, NeuronSettings> neurons = new HashMap<>();
        for (Population population : Population.all(2)) {
            neurons.put(population.toString(), new NeuronSettings(0.6 + 0.07 * neurons.size(), 0.05 * neurons.size()));
        }
        return SAME.withSpiking(SAME.spiking().withPopulations(neurons));
    }

    private static BatchRun run(Backend backend, LoadedModel model, ModelConfig config, EncoderWeights weights, Mode mode) {
        Planner planner = new Planner(config, weights, TimestepSchedule.uniform(5, 2), mode, 0.5, CostModel.DEFAULT, SpikeDensities.TYPICAL,
                backend);
        return new InferenceSession(model, planner, weights, backend).record(RandomModel.batch(SHAPE, 3, true));
    }

    @TestFactory
    List<DynamicTest> everyBackendSpikesAsTheOracleDoes() {
        List<DynamicTest> tests = new ArrayList<>();
        for (TestedBackend tested : TestedBackend.all()) {
            tests.add(DynamicTest.dynamicTest(tested.toString(), () -> {
                try (Arena arena = Arena.ofShared(); Backend oracle = new ReferenceBackend(1); Backend backend = tested.open()) {
                    ModelConfig config = different();
                    EncoderWeights weights = RandomModel.weights(config, 5, arena);
                    TokenBatch batch = RandomModel.batch(SHAPE, 3, true);
                    try (LoadedModel expectedModel = oracle.load(config, weights); LoadedModel model = backend.load(config, weights);
                            BatchRun expected = run(oracle, expectedModel, config, weights, Mode.SPIKING);
                            BatchRun actual = run(backend, model, config, weights, Mode.SPIKING)) {
                        for (Population population : Population.all(2)) {
                            long apart = 0;
                            long all = 0;
                            for (int b = 0; b < batch.sequences(); b++) {
                                apart += Math.abs(expected.spikeTotals(population)[b] - actual.spikeTotals(population)[b]);
                                all += expected.spikeTotals(population)[b];
                            }
                            // A spike within rounding of its threshold may fall otherwise, and change a few behind it.
                            assertTrue(apart <= 2 + all / 100, population + ": " + apart + " of " + all + " spikes");
                        }
                    }
                }
            }));
        }
        return tests;
    }

    /**
     * On constant currents the rate is the current over the threshold: a doubled threshold of one population halves its equilibrium rates.
     */
    @Test
    void oneThresholdChangesItsOwnPopulationFirst() {
        try (Arena arena = Arena.ofShared(); Backend backend = new ReferenceBackend(1)) {
            EncoderWeights weights = RandomModel.weights(SAME, 5, arena);
            ModelConfig changed = SAME.withSpiking(SAME.spiking().withPopulations(Map.of("layer.1.key", new NeuronSettings(2.02, 0.5))));
            try (LoadedModel model = backend.load(SAME, weights);
                    BatchRun before = run(backend, model, SAME, weights, Mode.EQUILIBRIUM);
                    BatchRun after = run(backend, model, changed, weights, Mode.EQUILIBRIUM)) {
                double[] untouched = before.rates(new Population(1, Population.Kind.VALUE));
                assertArrayEquals(untouched, after.rates(new Population(1, Population.Kind.VALUE)));
                double[] one = before.rates(new Population(1, Population.Kind.KEY));
                double[] two = after.rates(new Population(1, Population.Kind.KEY));
                for (int i = 0; i < one.length; i++) {
                    if (one[i] < 1) {
                        assertEquals(one[i] / 2, two[i], 1e-9);
                    }
                }
            }
        }
    }
}
