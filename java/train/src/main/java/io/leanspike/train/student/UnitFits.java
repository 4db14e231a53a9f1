package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Population;
import io.leanspike.train.data.Texts;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a teacher's values are, unit by unit, of what a spiking network has in their place, where no conversion is exact: the least squares
 * over calibration text of {@code value = gain x + shift}.
 *
 * <p>x is, for a population behind a LayerNorm, the normalised sum of which each unit was scaled by a factor of its own, where spikes run
 * with {@link SpikeNoise} in the deviation (with one factor for all units and no noise the fit gives the LayerNorm's own gain and shift); for
 * the intermediate population, {@code clamp(GELU(factor I), 0, 1)}.
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
     * @param source the teacher's tensors
     * @param layers the teacher's layers that follow each other in the student
     * @param isNoisy whether the student's sums have the noise of spikes
     */
    static UnitFits measure(PretrainedEncoder source, NDManager manager, EncoderParameters teacher, Texts texts, RateScales scales,
            List<Integer> layers, boolean isNoisy) {
        Map<Integer, LayerScales> byLayer = new HashMap<>();
        RateScale residual = scales.of(Population.EMBEDDING);
        for (int layer : layers) {
            byLayer.put(layer, LayerScales.of(source, manager, scales, layer, residual));
            residual = scales.of(new Population(layer, Population.Kind.OUTPUT));
        }
        Map<Population, Sums> sums = new HashMap<>();
        long tokens = Calibration.run(
                manager, teacher, texts, batch -> new Probe(batch, byLayer, teacher.shape().normEps(), isNoisy, sums));
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

    /** Sees one batch. */
    private static final class Probe implements BertForward.Probe {
        private final TokenTensors batch;
        private final Map<Integer, LayerScales> layers;
        private final double eps;
        private final boolean isNoisy;
        private final Map<Population, Sums> sums;
        /** What the next branch is added to. */
        private NDArray residual;
        /** Rates that the next branch reads. */
        private NDArray read;
        private NDArray normalised;

        Probe(TokenTensors batch, Map<Integer, LayerScales> layers, double eps, boolean isNoisy, Map<Population, Sums> sums) {
            this.batch = batch;
            this.layers = layers;
            this.eps = eps;
            this.isNoisy = isNoisy;
            this.sums = sums;
        }

        @Override
        public void summed(Population population, NDArray sum) {
            LayerScales layer = layers.get(population.layer());
            if (layer != null) {
                LayerScales.Branch branch = population.kind() == Population.Kind.OUTPUT ? layer.output() : layer.attention();
                NDArray noise = isNoisy
                        ? SpikeNoise.ofSum(read, branch.columns(), branch.residual().rates(residual)) : sum.getManager().create(0f);
                normalised = SpikeNoise.normalised(sum.mul(branch.residual().gain()), noise, eps);
            }
        }

        @Override
        public void seen(Population population, NDArray values) {
            LayerScales layer = layers.get(population.layer());
            switch (population.kind()) {
                case EMBEDDING -> residual = values;
                case CONTEXT -> read = layer == null ? null : layer.values().rates(values);
                case INTERMEDIATE -> {
                    if (layer != null) {
                        read = Torch.gelu(values.mul(layer.geluFactors())).clip(0, 1);
                        add(population, read, Torch.gelu(values));
                    }
                }
                case ATTENTION_OUTPUT, OUTPUT -> {
                    residual = values;
                    if (layer != null) {
                        add(population, normalised, values);
                    }
                }
                default -> { }
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
