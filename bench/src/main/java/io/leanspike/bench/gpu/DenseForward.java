package io.leanspike.bench.gpu;

import io.leanspike.bench.SyntheticBatch;
import io.leanspike.bench.gpu.CuBlas.Precision;
import io.leanspike.model.ModelConfig;

/**
 * The products of a dense forward pass with T folded into the rows: what spiking frameworks run today, at its best. Only products: no
 * LayerNorm, softmax or neuron, all of which our own time includes. Attention stays in fp16.
 */
final class DenseForward {
    private final GpuDriver driver;
    private final CuBlas blas;
    private final Precision precision;
    private final int d;
    private final int f;
    private final int heads;
    private final int length;
    private final int rows;
    private final int slices;
    private final int layers;
    private final long in;
    private final long out;
    private final long weights;
    private final long scores;

    DenseForward(GpuDriver driver, CuBlas blas, Precision precision, ModelConfig config, int layers, SyntheticBatch batch, int timesteps) {
        this.driver = driver;
        this.blas = blas;
        this.precision = precision;
        this.layers = layers;
        d = config.hiddenSize();
        f = config.intermediateSize();
        heads = config.attentionHeads();
        length = batch.length();
        rows = batch.rows() * timesteps;
        slices = batch.sequences() * timesteps * heads;
        in = driver.allocate((long) rows * f * 4);
        out = driver.allocate((long) rows * Math.max(f, 3 * d) * 4);
        weights = driver.allocate((long) f * d * 2 * 4);
        scores = driver.allocate((long) slices * length * length * 2);
    }

    /** Device time of all layers. */
    float milliseconds() {
        return driver.milliseconds(() -> {
            for (int layer = 0; layer < layers; layer++) {
                blas.multiply(precision, rows, d, 3 * d, in, weights, out);
                blas.multiplyEach(Precision.FP16, slices, length, d / heads, length, in, out, scores);
                blas.multiplyEach(Precision.FP16, slices, length, length, d / heads, scores, out, in);
                blas.multiply(precision, rows, d, d, in, weights, out);
                blas.multiply(precision, rows, d, f, in, weights, out);
                blas.multiply(precision, rows, f, d, in, weights, out);
            }
        });
    }
}
