package io.leanspike.train.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final float[] START = {1, -2, 3};

    /** One step down the gradient {@code slope} of every weight. */
    private static double step(Parameter parameter, WordTable words, NDManager manager, double slope, long number) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            WordTable.Rows rows = words.rows(manager.create(new long[] {0}));
            try (GradientCollector gradients = Torch.engine().newGradientCollector()) {
                NDArray loss = parameter.value().mul(slope).sum().add(rows.leaf().sum());
                gradients.backward(loss);
            }
            return AdamW.withDecay(0).step(List.of(parameter), rows, number, 0.1);
        }
    }

    @Test
    void aStepWhoseGradientOverflowsMovesNothingAndIsForgotten() {
        try (NDManager manager = Torch.manager().newSubManager()) {
            Parameter parameter = Parameter.of(manager, "weight", START, true, 3);
            Parameter untouched = Parameter.of(manager, "weight", START, true, 3);
            WordTable words = new WordTable(manager, new float[] {5}, 1, 1);
            assertFalse(Double.isFinite(step(parameter, words, manager, Double.POSITIVE_INFINITY, 1)));
            assertArrayEquals(START, parameter.value().toFloatArray());
            assertArrayEquals(new float[] {5}, words.value().toFloatArray());
            // The next step is what it would have been without.
            double norm = step(parameter, words, manager, 2, 2);
            assertEquals(norm, step(untouched, new WordTable(manager, new float[] {5}, 1, 1), manager, 2, 2));
            assertArrayEquals(untouched.value().toFloatArray(), parameter.value().toFloatArray());
        }
    }
}
