package io.leanspike.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.RandomModel.Stored;
import io.leanspike.backend.Readers;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.compress.CalibratedQuantization.Correction;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CalibratedQuantizationTest {
    private static final Shape SHAPE = new Shape(24, 2, 40, 6, 9, 12, 7, 14);
    private static final ModelConfig CONFIG = RandomModel.config(SHAPE, 2, 1, 1, 0.5);
    private static final TimestepSchedule SCHEDULE = new TimestepSchedule(List.of(6, 4));
    private static final TokenBatch TEXT = RandomModel.batch(SHAPE, 3, false);

    /** The largest difference between an output's mean currents in the two models. */
    private static double worst(Backend backend, EncoderWeights given, EncoderWeights made) {
        double worst = 0;
        for (int layer = 0; layer < 2; layer++) {
            for (Readers readers : Readers.values()) {
                Population read = readers.population(layer, layer == 0 ? Population.EMBEDDING : new Population(1, Population.Kind.INPUT));
                for (Projection projection : readers.projections()) {
                    LinearWeights wanted = projection.weights(given.layers().get(layer));
                    LinearWeights found = projection.weights(made.layers().get(layer));
                    double[] wantedRates = rates(backend, given, read);
                    double[] foundRates = rates(backend, made, read);
                    for (int n = 0; n < wanted.outputs(); n++) {
                        double mean = 0;
                        for (int row = 0; row < TEXT.rows(); row++) {
                            double error = current(found, foundRates, row, n) - current(wanted, wantedRates, row, n);
                            mean += error / TEXT.rows();
                        }
                        worst = Math.max(worst, Math.abs(mean));
                    }
                }
            }
        }
        return worst;
    }

    private static double[] rates(Backend backend, EncoderWeights weights, Population read) {
        Planner planner = new Planner(CONFIG, weights, SCHEDULE, Mode.SPIKING, 0.5, CostModel.DEFAULT, SpikeDensities.TYPICAL, backend);
        try (LoadedModel model = backend.load(CONFIG, weights)) {
            return PopulationRates.of(model, planner, List.of(TEXT), read).getFirst();
        }
    }

    private static double current(LinearWeights linear, double[] rates, int row, int output) {
        double sum = linear.bias()[output];
        for (int k = 0; k < linear.inputs(); k++) {
            sum += linear.weight().get(output, k) * rates[row * linear.inputs() + k];
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource(EncoderBits.class)
    void everyOutputKeepsItsMeanCurrent(EncoderBits bits) {
        try (Arena arena = Arena.ofShared(); Backend backend = new ReferenceBackend(1)) {
            EncoderWeights given = RandomModel.weights(CONFIG, 5, arena, List.of(Stored.F32));
            for (Correction correction : Correction.values()) {
                EncoderWeights made = new CalibratedQuantization(backend, CONFIG, SCHEDULE, 0.5, bits, correction)
                        .quantize(given, List.of(TEXT), arena);
                assertTrue(worst(backend, given, made) < 1e-5, () -> bits + " " + correction);
                assertTrue(made.layers().getFirst().query().weight().bytes() < given.layers().getFirst().query().weight().bytes());
            }
        }
    }

    @Test
    void theScaleIsTheOneOfLeastSquares() {
        CurrentFit fit = new CurrentFit(2);
        for (int i = 0; i < 20; i++) {
            fit.add(new double[] {3 * i + 1 + Math.sin(i), 5}, new double[] {2 * i, -1});
        }
        double factor = fit.factor(0);
        double best = error(fit, factor);
        for (double other : new double[] {factor - 0.01, factor + 0.01, 1, 0}) {
            assertTrue(best < error(fit, other), "factor " + other);
        }
        assertEquals(1, fit.factor(1), "what never changes is left as it is");
        assertEquals(6, fit.offset(1, 1), 1e-12);
    }

    private static double error(CurrentFit fit, double factor) {
        double sum = 0;
        for (int i = 0; i < 20; i++) {
            double error = factor * 2 * i + fit.offset(0, factor) - (3 * i + 1 + Math.sin(i));
            sum += error * error;
        }
        return sum;
    }
}
