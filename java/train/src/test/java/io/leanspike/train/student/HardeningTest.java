package io.leanspike.train.student;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.leanspike.train.nn.Torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HardeningTest {
    private static final Shape ONE_UNIT_A_STEP = new Shape(2, 1, 1);

    @Test
    void hardnessRisesEvenlyAndStaysAtItsEnd() {
        Hardening hardening = new Hardening(0.5, 0.25);
        assertEquals(0, hardening.ofWeights(0));
        assertEquals(0.5, hardening.ofWeights(0.25));
        assertEquals(1, hardening.ofNeurons(0.25));
        assertFalse(hardening.isComplete(0.49));
        assertTrue(hardening.isComplete(0.5));
        assertEquals(1, Hardening.NONE.ofWeights(0));
        assertTrue(Hardening.NONE.isComplete(0));
    }

    @Test
    void sharesOutsideATrainingAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Hardening(1.1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Hardening(0, -0.1));
    }

    @ParameterizedTest
    @EnumSource(WeightBits.class)
    void weightsLieBetweenThemselvesAndTheirQuantisedForm(WeightBits bits) {
        float[] weights = {0.9f, -0.7f, 0.2f, -0.2f};
        try (NDManager manager = Torch.manager()) {
            NDArray weight = manager.create(weights, new Shape(1, 4));
            float[] hard = bits.quantised(weight).toFloatArray();
            float[] expected = new float[weights.length];
            for (int i = 0; i < weights.length; i++) {
                expected[i] = 0.75f * weights[i] + 0.25f * hard[i];
            }
            assertArrayEquals(expected, bits.quantised(weight, 0.25).toFloatArray(), 1e-6f);
            assertArrayEquals(hard, bits.quantised(weight, 1).toFloatArray());
            assertArrayEquals(weights, weight.toFloatArray());
        }
    }

    @Test
    void spikesLieBetweenTheClampedCurrentAndTheSpike() {
        try (NDManager manager = Torch.manager()) {
            // The potential is 1.2, fires, 0.2; then 0.9, does not fire.
            NDArray current = manager.create(new float[] {0.7f, 0.7f}, ONE_UNIT_A_STEP);
            assertArrayEquals(new float[] {0.75f * 0.7f + 0.25f, 0.75f * 0.7f},
                    new Coding.Spikes(2, 0.5, 0.25).of(current).toFloatArray(), 1e-6f);
            assertArrayEquals(new float[] {0.7f, 0.7f}, new Coding.Spikes(2, 0.5, 0).of(current).toFloatArray(), 1e-6f);
        }
    }

    @Test
    void ratesLieBetweenTheClampAndTheRateCode() {
        try (NDManager manager = Torch.manager()) {
            NDArray current = manager.create(new float[] {0.7f, 1.5f}, ONE_UNIT_A_STEP);
            assertArrayEquals(new float[] {0.75f * 0.7f + 0.25f * 0.5f, 1},
                    new Coding.Rates(2, 0.5, 0.25).of(current).toFloatArray(), 1e-6f);
        }
    }

    /** A layer of another T reads soft activity as softly: at hardness 0 the mean itself, in every step. */
    @Test
    void softActivityIsReadSoftly() {
        try (NDManager manager = Torch.manager()) {
            NDArray activity = manager.create(new float[] {0.2f, 0.5f}, ONE_UNIT_A_STEP);
            Coding reader = new Coding.Spikes(4, 0.5, 0);
            assertArrayEquals(new float[] {0.35f, 0.35f, 0.35f, 0.35f},
                    reader.read(activity, new Coding.Spikes(2, 0.5, 0)).toFloatArray(), 1e-6f);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 1})
    void gradientsDoNotDependOnHardness(double hardness) {
        Engine engine = Torch.engine();
        try (NDManager manager = Torch.manager()) {
            NDArray current = manager.create(new float[] {0.7f, 0.1f}, ONE_UNIT_A_STEP);
            current.setRequiresGradient(true);
            try (GradientCollector gradients = engine.newGradientCollector()) {
                gradients.backward(new Coding.Spikes(2, 0.5, hardness).of(current).sum());
            }
            assertArrayEquals(new float[] {1, 1}, current.getGradient().toFloatArray());
        }
    }
}
