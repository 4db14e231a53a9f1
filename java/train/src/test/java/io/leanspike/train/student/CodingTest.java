package io.leanspike.train.student;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.leanspike.train.nn.Torch;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

class CodingTest {
    private static final int ROWS = 3;
    private static final int WIDTH = 50;

    private static float[] currents(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (0.4 + 0.7 * random.nextGaussian());
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"1, 0.5", "2, 0.5", "4, 0", "4, 0.5", "9, 0.25"})
    void spikesFollowTheNeuronOfTheModel(int timesteps, float initialPotential) {
        float[] currents = currents(timesteps * ROWS * WIDTH, 11);
        float[] expected = new float[currents.length];
        for (int unit = 0; unit < ROWS * WIDTH; unit++) {
            float potential = initialPotential;
            for (int t = 0; t < timesteps; t++) {
                int at = t * ROWS * WIDTH + unit;
                potential += currents[at];
                expected[at] = potential >= 1 ? 1 : 0;
                potential -= expected[at];
            }
        }
        try (NDManager manager = Torch.manager()) {
            NDArray current = manager.create(currents, new Shape((long) timesteps * ROWS, 1, WIDTH));
            assertArrayEquals(expected, new Coding.Spikes(timesteps, initialPotential).of(current).toFloatArray());
        }
    }

    /** The rate code is what spikes give for a current that does not change. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 16})
    void ratesAreTheSpikesOfAConstantCurrent(int timesteps) {
        // Multiples of 1/64 are exact in float32, and never at a threshold.
        float[] currents = new float[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            currents[i] = (2 * i + 1 - WIDTH / 4) / 128f;
        }
        try (NDManager manager = Torch.manager()) {
            NDArray current = manager.create(currents, new Shape(1, 1, WIDTH));
            float[] rates = new Coding.Rates(timesteps, 0.5).of(current).toFloatArray();
            NDArray spikes = new Coding.Spikes(timesteps, 0.5).of(current.tile(new long[] {timesteps, 1, 1}));
            assertArrayEquals(spikes.mean(new int[] {0}).toFloatArray(), rates, 1e-6f);
        }
    }

    @Test
    void gradientsPassWhereTheRateCanMove() {
        Engine engine = Torch.engine();
        try (NDManager manager = Torch.manager()) {
            NDArray current = manager.create(new float[] {-0.2f, 0.1f, 0.6f, 1.3f}, new Shape(1, 1, 4));
            current.setRequiresGradient(true);
            try (GradientCollector gradients = engine.newGradientCollector()) {
                NDArray rates = new Coding.Rates(4, 0.5).of(current);
                assertArrayEquals(new float[] {0, 0, 0.5f, 1}, rates.toFloatArray());
                gradients.backward(rates.sum());
            }
            assertArrayEquals(new float[] {0, 1, 1, 0}, current.getGradient().toFloatArray());
        }
    }

    @Test
    void gradientsOfSpikesPassAtAllStepsWhereTheMeanCurrentIsARate() {
        Engine engine = Torch.engine();
        try (NDManager manager = Torch.manager()) {
            float[] currents = {-0.9f, 0.9f, 1.5f, -0.4f, 0.3f, 0.2f, 1.2f, 0};
            NDArray current = manager.create(currents, new Shape(2, 1, 4));
            current.setRequiresGradient(true);
            try (GradientCollector gradients = engine.newGradientCollector()) {
                gradients.backward(new Coding.Spikes(2, 0.5).of(current).sum());
            }
            assertArrayEquals(new float[] {0, 1, 0, 0, 0, 1, 0, 0}, current.getGradient().toFloatArray());
        }
    }

    /**
     * The engine's rule: a neuron at initial potential 1/2 is given the neighbour's count as a constant current, all of it in whole
     * numbers.
     */
    @ParameterizedTest
    @CsvSource({"4, 2", "2, 4", "1, 16", "16, 3", "6, 3", "3, 7", "7, 1"})
    void aLayerReadsANeighbourOfAnotherTAsTheEngineDoes(int from, int timesteps) {
        Random random = new Random(17);
        float[] given = new float[from * WIDTH];
        int[] counts = new int[WIDTH];
        for (int i = 0; i < given.length; i++) {
            given[i] = random.nextInt(WIDTH) < i % WIDTH ? 1 : 0;
            counts[i % WIDTH] += (int) given[i];
        }
        float[] expected = new float[timesteps * WIDTH];
        float[] rates = new float[WIDTH];
        float[] expectedRates = new float[WIDTH];
        for (int unit = 0; unit < WIDTH; unit++) {
            int potential = from;
            for (int t = 0; t < timesteps; t++) {
                potential += 2 * counts[unit];
                if (potential >= 2 * from) {
                    potential -= 2 * from;
                    expected[t * WIDTH + unit] = 1;
                    expectedRates[unit] += 1f / timesteps;
                }
            }
            rates[unit] = (float) counts[unit] / from;
        }
        try (NDManager manager = Torch.manager()) {
            NDArray spikes = manager.create(given, new Shape(from, 1, WIDTH));
            assertArrayEquals(expected,
                    new Coding.Spikes(timesteps, 0.5).read(spikes, new Coding.Spikes(from, 0.5)).toFloatArray());
            NDArray rate = manager.create(rates, new Shape(1, 1, WIDTH));
            assertArrayEquals(expectedRates,
                    new Coding.Rates(timesteps, 0.5).read(rate, new Coding.Rates(from, 0.5)).toFloatArray(), 1e-6f);
        }
    }

    @Test
    void gradientsReachANeighbourOfAnotherTThroughItsRate() {
        Engine engine = Torch.engine();
        try (NDManager manager = Torch.manager()) {
            NDArray spikes = manager.create(new float[] {1, 0, 1, 1, 0, 0, 1, 0}, new Shape(4, 1, 2));
            spikes.setRequiresGradient(true);
            try (GradientCollector gradients = engine.newGradientCollector()) {
                NDArray read = new Coding.Spikes(2, 0.5).read(spikes, new Coding.Spikes(4, 0.5));
                gradients.backward(read.mul(manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 1, 2))).sum());
            }
            // Each of 4 steps is a quarter of the rate that both steps take.
            assertArrayEquals(new float[] {1, 1.5f, 1, 1.5f, 1, 1.5f, 1, 1.5f}, spikes.getGradient().toFloatArray());
        }
    }
}
