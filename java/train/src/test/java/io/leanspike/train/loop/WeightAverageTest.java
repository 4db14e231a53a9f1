package io.leanspike.train.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.nn.Trained;
import io.leanspike.train.nn.WordTable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightAverageTest {

    private record One(Parameter weight, WordTable words) implements Trained {
        static One of(NDManager manager) {
            return new One(Parameter.of(manager, "weight", new float[] {1, -2}, true, 2), new WordTable(manager, new float[] {3, 4, 5, 6}, 2, 2));
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(weight);
        }

        @Override
        public Map<String, NDArray> state() {
            return Map.of();
        }

        /** Weight and words, one behind the other. */
        float[] values() {
            float[] first = weight.value().toFloatArray();
            float[] others = words.value().toFloatArray();
            return new float[] {first[0], first[1], others[0], others[1], others[2], others[3]};
        }
    }

    @Test
    void isWhatTheFormulaGivesAndTheValuesComeBack() {
        try (NDManager manager = Torch.manager()) {
            One trained = One.of(manager);
            WeightAverage average = new WeightAverage(trained, 0.5);
            double[] expected = {1, -2, 3, 4, 5, 6};
            for (int step = 1; step <= 9; step++) {
                trained.weight().value().addi(step);
                trained.words().value().subi(2);
                average.add(step);
                float[] now = trained.values();
                double kept = Math.min(0.5, (1.0 + step) / (10 + step));
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = kept * expected[i] + (1 - kept) * now[i];
                }
            }
            float[] last = trained.values();
            float[] scored = average.inPlace(trained::values);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], scored[i], 1e-4 * Math.abs(expected[i]));
                assertTrue(Math.abs(scored[i] - last[i]) > 0.1, "the average is the last step's value " + last[i]);
            }
            assertArrayEquals(last, trained.values());
        }
    }

    @Test
    void withoutOneTheValuesThemselvesAreScored() {
        try (NDManager manager = Torch.manager()) {
            One trained = One.of(manager);
            WeightAverage none = new WeightAverage(trained, 0);
            trained.weight().value().addi(1);
            none.add(1);
            assertArrayEquals(new float[] {2, -1, 3, 4, 5, 6}, none.inPlace(trained::values));
            assertTrue(none.state().isEmpty());
        }
    }
}
