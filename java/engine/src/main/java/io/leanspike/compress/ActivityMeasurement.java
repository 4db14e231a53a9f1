package io.leanspike.compress;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.eval.InferenceSession;
import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Measures {@link LayerActivity}, batch by batch. */
public final class ActivityMeasurement {
    private static final KernelChoice CHOICE = new KernelChoice("calibration", 0, "spikes of each unit");

    private final InferenceSession session;
    private final ModelConfig config;
    private final Map<Population, double[]> sums = new HashMap<>();
    private final Map<Population, double[]> squares = new HashMap<>();
    private long tokens;

    public ActivityMeasurement(InferenceSession session, ModelConfig config) {
        this.session = session;
        this.config = config;
    }

    /** Runs a batch. */
    public void add(TokenBatch batch) {
        try (BatchRun run = session.record(batch)) {
            for (int layer = 0; layer < config.hiddenLayers(); layer++) {
                LayerShape shape = config.layers().get(layer);
                int timesteps = session.plan(batch).schedule().of(layer);
                add(run, new Population(layer, Population.Kind.KEY), shape.heads().keyWidth(), timesteps);
                add(run, new Population(layer, Population.Kind.VALUE), shape.heads().valueWidth(), timesteps);
                add(run, new Population(layer, Population.Kind.INTERMEDIATE), shape.intermediate(), timesteps);
            }
        }
        tokens += batch.rows();
    }

    private void add(BatchRun run, Population population, int width, int timesteps) {
        run.execute(List.of(new KernelCall.UnitCount(population, width, timesteps, CHOICE)));
        double[] sum = sums.computeIfAbsent(population, ignored -> new double[width]);
        double[] square = squares.computeIfAbsent(population, ignored -> new double[width]);
        int[] counts = run.unitCounts(population);
        for (int i = 0; i < counts.length; i++) {
            double rate = (double) counts[i] / timesteps;
            sum[i % width] += rate;
            square[i % width] += rate * rate;
        }
    }

    /** One a layer. @throws IllegalStateException before the first batch */
    public List<LayerActivity> layers() {
        if (tokens == 0) {
            throw new IllegalStateException("no batch has been measured");
        }
        List<LayerActivity> layers = new ArrayList<>();
        for (int layer = 0; layer < config.hiddenLayers(); layer++) {
            layers.add(new LayerActivity(rates(layer, Population.Kind.KEY), rates(layer, Population.Kind.VALUE),
                    rates(layer, Population.Kind.INTERMEDIATE)));
        }
        return layers;
    }

    private UnitRates rates(int layer, Population.Kind kind) {
        double[] mean = sums.get(new Population(layer, kind)).clone();
        double[] deviation = squares.get(new Population(layer, kind)).clone();
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= tokens;
            deviation[i] = Math.sqrt(Math.max(0, deviation[i] / tokens - mean[i] * mean[i]));
        }
        return new UnitRates(mean, deviation);
    }
}
