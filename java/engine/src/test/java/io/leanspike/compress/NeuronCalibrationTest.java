package io.leanspike.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.NeuronSettings;
import io.leanspike.schedule.TimestepSchedule;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class NeuronCalibrationTest {
    private static final Shape SHAPE = new Shape(16, 2, 24, 4, 6, 9);
    private static final ModelConfig CONFIG = RandomModel.config(SHAPE, 2, 1, 1, 0);

    private static void calibration(Consumer<Calibration> body) {
        try (Arena arena = Arena.ofShared(); Backend backend = new ReferenceBackend(1)) {
            EncoderWeights weights = RandomModel.weights(CONFIG, 5, arena);
            try (LoadedModel model = backend.load(CONFIG, weights)) {
                body.accept(new Calibration(backend, model, CONFIG, weights, List.of(RandomModel.batch(SHAPE, 3, false))));
            }
        }
    }

    private static double error(Calibration calibration, ModelConfig config, Population population) {
        TimestepSchedule few = TimestepSchedule.uniform(2, 2);
        double[] rates = rates(calibration, config, few, population);
        double[] wanted = rates(calibration, CONFIG, TimestepSchedule.uniform(64, 2), population);
        double sum = 0;
        for (int i = 0; i < rates.length; i++) {
            sum += (rates[i] - wanted[i]) * (rates[i] - wanted[i]);
        }
        return sum;
    }

    private static double[] rates(Calibration calibration, ModelConfig config, TimestepSchedule schedule, Population population) {
        List<TokenBatch> batches = calibration.batches();
        return PopulationRates.of(calibration.model(), calibration.planner(config, schedule), batches, population).getFirst();
    }

    /** From a potential of 0, which only ever rounds down, rates at T = 2 come nearer to those at many timesteps, in every population. */
    @Test
    void ratesComeNearerToThoseAtManyTimesteps() {
        calibration(calibration -> {
            Map<String, NeuronSettings> found = new NeuronCalibration(calibration, TimestepSchedule.uniform(2, 2)).calibrate();
            ModelConfig calibrated = CONFIG.withSpiking(CONFIG.spiking().withPopulations(found));
            for (Population population : Population.all(2)) {
                assertTrue(error(calibration, calibrated, population) <= error(calibration, CONFIG, population), population.toString());
            }
            assertTrue(found.get("embedding").initialPotential() > 0, found.toString());
        });
    }

    @Test
    void aLayerHasConvergedWhereAllItsPopulationsHave() {
        calibration(calibration -> {
            List<Integer> strict = new RateConvergence(calibration, 0.05).timesteps(16);
            List<Integer> loose = new RateConvergence(calibration, 0.2).timesteps(16);
            for (int layer = 0; layer < 2; layer++) {
                assertTrue(loose.get(layer) <= strict.get(layer), loose + " and " + strict);
                for (Population population : Population.all(2)) {
                    if (Math.max(0, population.layer()) == layer) {
                        double[] few = rates(calibration, CONFIG, TimestepSchedule.uniform(strict.get(layer), 2), population);
                        double[] many = rates(calibration, CONFIG, TimestepSchedule.uniform(16, 2), population);
                        double sum = 0;
                        for (int i = 0; i < few.length; i++) {
                            sum += Math.abs(few[i] - many[i]) / few.length;
                        }
                        assertTrue(sum <= 0.05, population + " is " + sum + " away at T = " + strict.get(layer));
                    }
                }
            }
            assertEquals(List.of(1, 1), new RateConvergence(calibration, 1).timesteps(16));
        });
    }
}
