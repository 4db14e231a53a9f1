package io.leanspike.bench.gpu;

import io.leanspike.bench.SyntheticBatch;
import io.leanspike.bench.gpu.CuBlas.Precision;
import io.leanspike.model.ModelConfig;
import java.util.SplittableRandom;

/**
 * The products of a dense forward pass with T folded into the rows: what spiking frameworks run today, at its best. Only products: no
 * LayerNorm, softmax or neuron, all of which our own time includes. Attention stays in fp16. One graph, on random weights and on spikes of
 * {@value #DENSITY} of the units: products of zeros alone take less power, and a GPU then runs faster.
 */
final class DenseForward {
    private static final double DENSITY = 0.2;

    private final GpuDriver driver;
    private final long graph;

    /** @param driver for this alone: its memory and its graph go with it */
    DenseForward(GpuDriver driver, CuBlas blas, Precision precision, ModelConfig config, int layers, SyntheticBatch batch, int timesteps) {
        this.driver = driver;
        int d = config.hiddenSize();
        int f = config.intermediateSize();
        int heads = config.attentionHeads();
        int length = batch.length();
        int rows = batch.rows() * timesteps;
        int slices = batch.sequences() * timesteps * heads;
        SplittableRandom random = new SplittableRandom(timesteps);
        long spikes = driver.allocate((long) rows * f * precision.operandBytes, precision.spikes(random, DENSITY));
        long halfSpikes = driver.allocate((long) rows * d * Precision.FP16.operandBytes, Precision.FP16.spikes(random, DENSITY));
        long weights = driver.allocate((long) f * d * precision.operandBytes, precision.uniform(random));
        long results = driver.allocate((long) rows * Math.max(f, 3 * d) * precision.resultBytes);
        long scores = driver.allocate((long) slices * length * length * Precision.FP16.resultBytes);
        blas.use(driver);
        graph = driver.capture(() -> {
            for (int layer = 0; layer < layers; layer++) {
                blas.multiply(precision, rows, d, 3 * d, spikes, weights, results);
                blas.multiplyEach(Precision.FP16, slices, length, d / heads, length, halfSpikes, halfSpikes, scores);
                blas.multiplyEach(Precision.FP16, slices, length, length, d / heads, scores, halfSpikes, results);
                blas.multiply(precision, rows, d, d, spikes, weights, results);
                blas.multiply(precision, rows, d, f, spikes, weights, results);
                blas.multiply(precision, rows, f, d, spikes, weights, results);
            }
        });
    }

    /** Device time of all layers in milliseconds, right after another pass: as one batch leaves the caches to the next. */
    float milliseconds() {
        driver.run(graph);
        return driver.milliseconds(() -> driver.run(graph));
    }
}
