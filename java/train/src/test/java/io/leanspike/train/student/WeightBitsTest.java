package io.leanspike.train.student;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.api.Test;

class WeightBitsTest {
    private static final Shape SHAPE = new Shape(2, 4);

    @Test
    void ternaryRowsAreCodesTimesTheNearestScale() {
        try (NDManager manager = Torch.manager()) {
            // mean|W| of the first row is 0.5: codes 1, -1, 0, 0; scale (0.9 + 0.7) / 2
            NDArray weight = manager.create(new float[] {0.9f, -0.7f, 0.2f, -0.2f, 0, 0, 0, 0}, SHAPE);
            assertArrayEquals(new float[] {0.8f, -0.8f, 0, 0, 0, 0, 0, 0}, WeightBits.TERNARY.quantised(weight).toFloatArray(), 1e-6f);
        }
    }

    @Test
    void binaryRowsAreSignsAboutTheMean() {
        try (NDManager manager = Torch.manager()) {
            // mean 0.25, mean|W| 0.75
            NDArray weight = manager.create(new float[] {1, 1, -0.5f, -0.5f, 2, 2, 2, -2}, SHAPE);
            assertArrayEquals(new float[] {0.75f, 0.75f, -0.75f, -0.75f, 2, 2, 2, -2},
                    WeightBits.BINARY.quantised(weight).toFloatArray(), 1e-6f);
        }
    }

    /** The quantised weights are what is computed with, and their gradient is that of the weights behind them. */
    @ParameterizedTest
    @EnumSource(WeightBits.class)
    void gradientsGoStraightThrough(WeightBits bits) {
        Engine engine = Torch.engine();
        try (NDManager manager = Torch.manager()) {
            NDArray weight = manager.create(new float[] {0.9f, -0.7f, 0.2f, -0.2f, 1, 2, 3, 4}, SHAPE);
            Leaves leaves = Leaves.forTraining().add(weight, bits::quantised);
            assertArrayEquals(bits.quantised(weight).toFloatArray(), leaves.of(weight).toFloatArray());
            float[] factors = {1, 2, 3, 4, 5, 6, 7, 8};
            try (GradientCollector gradients = engine.newGradientCollector()) {
                gradients.backward(leaves.of(weight).mul(manager.create(factors, SHAPE)).sum());
            }
            assertArrayEquals(factors, leaves.gradient(weight).toFloatArray());
        }
    }
}
