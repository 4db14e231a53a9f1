package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Population;
import io.leanspike.train.data.Texts;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import java.util.HashMap;
import java.util.Map;

/**
 * What a teacher's values are, unit by unit, of what a spiking network has in their place, where no conversion is exact: the least squares
 * over calibration text of {@code value = gain x + shift}.
 *
 * <p>x is, for a population behind a LayerNorm, the normalised sum of which each unit was scaled by a factor of its own (with one factor
 * for all units the fit gives the LayerNorm's own gain and shift); for the intermediate population, {@code clamp(GELU(factor I), 0, 1)}.
 */
final class UnitFits {
    /** @param gain [width] @param shift [width] */
    record Affine(double[] gain, double[] shift) {}

    /** Sums over tokens, [width] each, of x, its square, its product with the value, and the value. */
    private record Sums(double[] x, double[] square, double[] product, double[] value) {
        Sums(int width) {
            this(new double[width], new double[width], new double[width], new double[width]);
        }
    }

    /** Below this variance over tokens a unit is taken as constant. */
    private static final double CONSTANT = 1e-9;

    private final Map<Population, Sums> sums;
    private final long tokens;

    private UnitFits(Map<Population, Sums> sums, long tokens) {
        this.sums = sums;
        this.tokens = tokens;
    }

    /**
     * Runs the teacher on texts.
     *
     * @param factors [width] by population; others are not looked at
     */
    static UnitFits measure(NDManager manager, EncoderParameters teacher, Texts texts, Map<Population, double[]> factors) {
        Map<Population, NDArray> arrays = new HashMap<>();
        factors.forEach((population, factor) -> {
            float[] values = new float[factor.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) factor[i];
            }
            arrays.put(population, manager.create(values));
        });
        Map<Population, Sums> sums = new HashMap<>();
        long tokens = Calibration.run(manager, teacher, texts, batch -> new Probe(batch, arrays, teacher.shape().normEps(), sums));
        return new UnitFits(sums, tokens);
    }

    /** Of the values of a population. A unit whose x does not vary has gain 1. */
    Affine of(Population population) {
        Sums of = sums.get(population);
        int width = of.value.length;
        double[] gain = new double[width];
        double[] shift = new double[width];
        for (int i = 0; i < width; i++) {
            double x = of.x[i] / tokens;
            double value = of.value[i] / tokens;
            double variance = of.square[i] / tokens - x * x;
            gain[i] = variance < CONSTANT ? 1 : (of.product[i] / tokens - x * value) / variance;
            shift[i] = value - gain[i] * x;
        }
        return new Affine(gain, shift);
    }

    private record Probe(TokenTensors batch, Map<Population, NDArray> factors, double eps, Map<Population, Sums> sums,
            Map<Population, NDArray> normalised) implements BertForward.Probe {
        Probe(TokenTensors batch, Map<Population, NDArray> factors, double eps, Map<Population, Sums> sums) {
            this(batch, factors, eps, sums, new HashMap<>());
        }

        @Override
        public void summed(Population population, NDArray sum) {
            if (factors.containsKey(population)) {
                NDArray scaled = sum.mul(factors.get(population));
                NDArray centred = scaled.sub(scaled.mean(new int[] {-1}, true));
                normalised.put(population, centred.div(centred.square().mean(new int[] {-1}, true).add(eps).sqrt()));
            }
        }

        @Override
        public void seen(Population population, NDArray values) {
            if (population.kind() == Population.Kind.INTERMEDIATE && factors.containsKey(population)) {
                add(population, Torch.gelu(values.mul(factors.get(population))).clip(0, 1), Torch.gelu(values));
            } else if (normalised.containsKey(population)) {
                add(population, normalised.get(population), values);
            }
        }

        private void add(Population population, NDArray x, NDArray value) {
            Sums of = sums.computeIfAbsent(population, p -> new Sums((int) value.getShape().get(2)));
            NDArray live = x.mul(batch.live());
            add(of.x, live);
            add(of.square, live.square());
            add(of.product, live.mul(value));
            add(of.value, value.mul(batch.live()));
        }

        private static void add(double[] to, NDArray values) {
            float[] more = values.sum(new int[] {0, 1}).toFloatArray();
            for (int i = 0; i < to.length; i++) {
                to[i] += more[i];
            }
        }
    }
}
