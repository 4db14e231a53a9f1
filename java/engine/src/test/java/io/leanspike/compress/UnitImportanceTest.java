package io.leanspike.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.InferenceSession;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnitImportanceTest {
    private static final Shape SHAPE = new Shape(16, 2, 24, 4, 9, 5);
    private static final ModelConfig CONFIG = RandomModel.config(SHAPE, 2, 1, 1, 0.5);

    @TempDir
    private Path folder;

    private static void onReference(BiConsumer<InferenceSession, EncoderWeights> body) {
        try (Arena arena = Arena.ofShared(); Backend backend = new ReferenceBackend(1)) {
            EncoderWeights weights = RandomModel.weights(CONFIG, 5, arena);
            Planner planner = new Planner(CONFIG, weights, TimestepSchedule.uniform(4, 2), Mode.SPIKING, 0.5, CostModel.DEFAULT,
                    SpikeDensities.TYPICAL, backend);
            try (LoadedModel model = backend.load(CONFIG, weights)) {
                body.accept(new InferenceSession(model, planner, weights, backend), weights);
            }
        }
    }

    @Test
    void activityIsTheMeanAndDeviationOfEachUnitsRate() {
        onReference((session, weights) -> {
            TokenBatch batch = RandomModel.batch(SHAPE, 3, false);
            ActivityMeasurement measurement = new ActivityMeasurement(session, CONFIG);
            measurement.add(batch);
            measurement.add(batch);
            UnitRates neurons = measurement.layers().get(1).neurons();
            try (BatchRun run = session.record(batch)) {
                SpikeTensor spikes = run.spikes(new Population(1, Population.Kind.INTERMEDIATE));
                for (int j = 0; j < 24; j++) {
                    double sum = 0;
                    double squares = 0;
                    for (int row = 0; row < batch.rows(); row++) {
                        double rate = 0;
                        for (int t = 0; t < 4; t++) {
                            rate += spikes.get(row, t, j) ? 0.25 : 0;
                        }
                        sum += rate;
                        squares += rate * rate;
                    }
                    double mean = sum / batch.rows();
                    assertEquals(mean, neurons.mean()[j], 1e-12);
                    assertEquals(Math.sqrt(squares / batch.rows() - mean * mean), neurons.deviation()[j], 1e-7);
                }
            }
        });
    }

    /** A unit that spikes as often for every token has no variance, and goes before one that spikes less but tells tokens apart. */
    @Test
    void aRateThatNeverChangesTellsNothing() {
        onReference((session, weights) -> {
            double[] ones = new double[16];
            Arrays.fill(ones, 1);
            double[] mean = new double[24];
            double[] deviation = new double[24];
            mean[3] = 1;
            mean[4] = 0.01;
            deviation[4] = 0.01;
            LayerActivity activity = new LayerActivity(new UnitRates(ones, ones), new UnitRates(ones, ones),
                    new UnitRates(mean, deviation));
            UnitImportance variance = UnitImportance.variance(weights.layers().getFirst(), activity);
            UnitImportance root = UnitImportance.activity(weights.layers().getFirst(), activity);
            assertEquals(0, variance.neurons()[3]);
            assertTrue(variance.neurons()[4] > 0);
            assertTrue(root.neurons()[3] > root.neurons()[4]);
        });
    }

    @Test
    void theAccumulatedPotentialIsTheSumOfTheCurrents() {
        onReference((session, weights) -> {
            PotentialMeasurement measurement = new PotentialMeasurement(session, CONFIG);
            measurement.add(RandomModel.batch(SHAPE, 3, false));
            LayerSpectrum spectrum = measurement.layers().get(0);
            assertEquals(24, spectrum.neurons().energy().length);
            assertTrue(spectrum.neurons().components() <= 13, "14 tokens span 13 directions around their mean");
        });
    }

    /** Two units that are copies of each other, one of its own and a silent one: two directions, the energy shared by the copies. */
    @Test
    void energyIsThatOfThePrincipalComponents() {
        Spectrum spectrum = Spectrum.of(new double[][] {{4, 4, 0, 0}, {4, 4, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 0}});
        assertEquals(2, spectrum.components());
        assertArrayEquals(new double[] {4, 4, 1, 0}, spectrum.energy(), 1e-9);
        // Of what holds less than a hundredth nothing is counted.
        Spectrum few = Spectrum.of(new double[][] {{100, 0}, {0, 0.5}});
        assertEquals(1, few.components());
        assertArrayEquals(new double[] {100, 0}, few.energy(), 1e-9);
    }

    @Test
    void importanceIsReadAsItWasWritten() throws Exception {
        UnitImportance layer = new UnitImportance(new double[16], new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                new double[24], Optional.of(new double[] {0.25, 1e-300}));
        Path file = folder.resolve("scores.safetensors");
        ImportanceFile.write(List.of(layer, layer), file);
        UnitImportance read = ImportanceFile.read(file, CONFIG).get(1);
        assertArrayEquals(layer.values(), read.values());
        assertArrayEquals(layer.ownHeads().orElseThrow(), read.ownHeads().orElseThrow());
        assertThrows(InvalidInputException.class, () -> ImportanceFile.write(List.of(layer), file));
        Path sums = folder.resolve("sums.safetensors");
        ImportanceFile.write(List.of(layer, new UnitImportance(layer.keys(), layer.values(), layer.neurons())), sums);
        assertEquals(List.of(true, false), ImportanceFile.read(sums, CONFIG).stream().map(own -> own.ownHeads().isPresent()).toList());
        ModelConfig other = RandomModel.config(new Shape(16, 2, 25, 4, 9), 2, 1, 1, 0);
        assertTrue(assertThrows(InvalidInputException.class, () -> ImportanceFile.read(file, other)).getMessage().contains("F64 [25]"));
        UnitImportance broken = new UnitImportance(new double[16], new double[16], new double[24],
                Optional.of(new double[] {Double.NaN, 1}));
        Path bad = folder.resolve("bad.safetensors");
        ImportanceFile.write(List.of(broken, broken), bad);
        assertThrows(InvalidInputException.class, () -> ImportanceFile.read(bad, CONFIG));
        assertEquals(3, Files.list(folder).count());
    }
}
