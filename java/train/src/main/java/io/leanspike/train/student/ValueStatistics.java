package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Population;
import io.leanspike.train.data.Texts;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Torch;
import java.util.HashMap;
import java.util.Map;

/** Mean and deviation of a teacher's real values on calibration text, population by population, padding left out. */
final class ValueStatistics {
    /** @param sums [width] of the values, @param squares [width] of their squares */
    private record Sums(double[] sums, double[] squares) {}

    private final Map<Population, Sums> sums = new HashMap<>();
    private long tokens;

    private ValueStatistics() {}

    /** Runs the teacher on texts. Of the intermediate population, the values behind GELU are measured. */
    static ValueStatistics measure(NDManager manager, EncoderParameters teacher, Texts texts) {
        ValueStatistics statistics = new ValueStatistics();
        statistics.tokens = Calibration.run(manager, teacher, texts, batch -> (population, values) -> statistics.add(population,
                population.kind() == Population.Kind.INTERMEDIATE ? Torch.gelu(values).mul(batch.live()) : values.mul(batch.live())));
        return statistics;
    }

    private void add(Population population, NDArray values) {
        float[] sum = values.sum(new int[] {0, 1}).toFloatArray();
        float[] square = values.square().sum(new int[] {0, 1}).toFloatArray();
        Sums known = sums.computeIfAbsent(population, p -> new Sums(new double[sum.length], new double[sum.length]));
        for (int i = 0; i < sum.length; i++) {
            known.sums[i] += sum[i];
            known.squares[i] += square[i];
        }
    }

    /** [width] */
    double[] means(Population population) {
        double[] means = sums.get(population).sums.clone();
        for (int i = 0; i < means.length; i++) {
            means[i] /= tokens;
        }
        return means;
    }

    /** [width] standard deviation of each unit. */
    double[] deviations(Population population) {
        double[] deviations = means(population);
        double[] squares = sums.get(population).squares;
        for (int i = 0; i < deviations.length; i++) {
            deviations[i] = Math.sqrt(Math.max(0, squares[i] / tokens - deviations[i] * deviations[i]));
        }
        return deviations;
    }

    /** Root mean square of the values. */
    double rootMeanSquare(Population population) {
        double sum = 0;
        double[] squares = sums.get(population).squares;
        for (double square : squares) {
            sum += square / tokens;
        }
        return Math.sqrt(sum / squares.length);
    }
}
