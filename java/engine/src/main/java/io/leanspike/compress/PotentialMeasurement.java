package io.leanspike.compress;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.eval.InferenceSession;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures {@link LayerSpectrum}, batch by batch. The accumulated membrane potential of a unit is the sum of its currents over the
 * timesteps: what the membrane would hold if spikes took nothing away. Only the reference backend keeps it.
 */
public final class PotentialMeasurement {
    /** Sums from which a covariance is made. */
    private static final class Moments {
        private final double[] sums;
        private final double[][] products;

        Moments(int width) {
            sums = new double[width];
            products = new double[width][width];
        }

        void add(double[] values, int from) {
            for (int i = 0; i < sums.length; i++) {
                double value = values[from + i];
                sums[i] += value;
                for (int j = 0; j <= i; j++) {
                    products[i][j] += value * values[from + j];
                }
            }
        }

        double[][] covariance(long count) {
            double[][] covariance = new double[sums.length][sums.length];
            for (int i = 0; i < sums.length; i++) {
                for (int j = 0; j <= i; j++) {
                    covariance[i][j] = products[i][j] / count - sums[i] / count * (sums[j] / count);
                    covariance[j][i] = covariance[i][j];
                }
            }
            return covariance;
        }
    }

    private final InferenceSession session;
    private final ModelConfig config;
    private final Map<Population, Moments> moments = new HashMap<>();
    private long tokens;

    public PotentialMeasurement(InferenceSession session, ModelConfig config) {
        this.session = session;
        this.config = config;
    }

    /** Runs a batch. @throws UnsupportedOperationException when the session does not run on the reference backend */
    public void add(TokenBatch batch) {
        try (BatchRun run = session.record(batch)) {
            for (int layer = 0; layer < config.hiddenLayers(); layer++) {
                for (Population.Kind kind : List.of(Population.Kind.KEY, Population.Kind.VALUE, Population.Kind.INTERMEDIATE)) {
                    add(run.accumulated(new Population(layer, kind)), new Population(layer, kind), batch.rows());
                }
            }
        }
        tokens += batch.rows();
    }

    private void add(double[] potentials, Population population, int rows) {
        int width = potentials.length / rows;
        Moments sums = moments.computeIfAbsent(population, ignored -> new Moments(width));
        for (int row = 0; row < rows; row++) {
            sums.add(potentials, row * width);
        }
    }

    /** One a layer. @throws IllegalStateException before the first batch */
    public List<LayerSpectrum> layers() {
        if (tokens == 0) {
            throw new IllegalStateException("no batch has been measured");
        }
        List<LayerSpectrum> layers = new ArrayList<>();
        for (int layer = 0; layer < config.hiddenLayers(); layer++) {
            layers.add(new LayerSpectrum(spectrum(layer, Population.Kind.KEY), spectrum(layer, Population.Kind.VALUE),
                    spectrum(layer, Population.Kind.INTERMEDIATE)));
        }
        return layers;
    }

    private Spectrum spectrum(int layer, Population.Kind kind) {
        return Spectrum.of(moments.get(new Population(layer, kind)).covariance(tokens));
    }
}
