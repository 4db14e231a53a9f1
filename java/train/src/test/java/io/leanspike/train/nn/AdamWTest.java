package io.leanspike.train.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final float[] START = {1, -2, 3};

    /** One step down the gradient {@code slope} of every weight. */
    private static double step(AdamW optimizer, Parameter parameter, WordTable words, NDManager manager, double slope, long number) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            WordTable.Rows rows = words.rows(manager.create(new long[] {0}));
            Leaves leaves = Leaves.forTraining().add(parameter.value(), UnaryOperator.identity());
            try (GradientCollector gradients = Torch.engine().newGradientCollector()) {
                NDArray loss = Torch.times(leaves.of(parameter), slope).sum().add(rows.leaf().sum());
                gradients.backward(loss);
            }
            return optimizer.step(List.of(parameter), leaves, rows, number, 0.1);
        }
    }

    private static double step(Parameter parameter, WordTable words, NDManager manager, double slope, long number) {
        return step(AdamW.withDecay(0), parameter, words, manager, slope, number);
    }

    /** arXiv 1711.05101, algorithm 2, in doubles, over more weights than are moved at a time. */
    @Test
    void stepsAreThoseOfThePaper() {
        int size = 70_001;
        double[] value = new double[size];
        float[] start = new float[size];
        for (int i = 0; i < size; i++) {
            start[i] = i % 13 - 6;
            value[i] = start[i];
        }
        double mean = 0;
        double variance = 0;
        double word = 5;
        double wordMean = 0;
        double wordVariance = 0;
        try (NDManager manager = Torch.manager().newSubManager()) {
            Parameter parameter = Parameter.of(manager, "weight", start, true, size);
            WordTable words = new WordTable(manager, new float[] {5, 7}, 2, 1);
            for (int t = 1; t <= 5; t++) {
                double slope = t - 2.5;
                double norm = step(AdamW.withDecay(0.01), parameter, words, manager, slope, t);
                assertEquals(Math.sqrt(size * slope * slope + 1), norm, 1e-3 * norm);
                double scale = Math.min(1, 1 / norm);
                mean = 0.9 * mean + 0.1 * slope * scale;
                variance = 0.999 * variance + 0.001 * slope * scale * slope * scale;
                wordMean = 0.9 * wordMean + 0.1 * scale;
                wordVariance = 0.999 * wordVariance + 0.001 * scale * scale;
                double first = 1 - Math.pow(0.9, t);
                double second = 1 - Math.pow(0.999, t);
                for (int i = 0; i < size; i++) {
                    value[i] = value[i] * (1 - 0.1 * 0.01) - 0.1 * (mean / first) / (Math.sqrt(variance / second) + 1e-8);
                }
                word -= 0.1 * (wordMean / first) / (Math.sqrt(wordVariance / second) + 1e-8);
            }
            float[] moved = parameter.value().toFloatArray();
            for (int i = 0; i < size; i++) {
                assertEquals(value[i], moved[i], 1e-4);
            }
            assertArrayEquals(new float[] {(float) word, 7}, words.value().toFloatArray(), 1e-4f);
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
