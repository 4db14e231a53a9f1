package io.leanspike.bench;

import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A one-layer model with seeded random float32 weights: an operation takes the time its shape and spikes ask for. */
final class SyntheticModel implements AutoCloseable {
    private static final long SEED = 20_260_101;

    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final ModelConfig config;
    private final EncoderWeights weights;

    SyntheticModel(ModelConfig config) {
        this.config = config;
        int d = config.hiddenSize();
        int f = config.intermediateSize();
        EmbeddingWeights embeddings = new EmbeddingWeights(
                matrix(config.vocabularySize(), d), matrix(config.maxPositions(), d), matrix(config.tokenTypes(), d), norm(d));
        LayerWeights layer = new LayerWeights(
                linear(d, d), linear(d, d), linear(d, d), linear(d, d), norm(d), linear(f, d), linear(d, f), norm(d));
        weights = new EncoderWeights(embeddings, List.of(layer), linear(config.labels().size(), d));
    }

    ModelConfig config() {
        return config;
    }

    EncoderWeights weights() {
        return weights;
    }

    private DenseMatrix matrix(int rows, int columns) {
        MemorySegment elements = arena.allocate((long) rows * columns * Float.BYTES, 64);
        // Currents of order 1, so that membranes cross their threshold at an ordinary rate.
        double bound = 2 / Math.sqrt(columns);
        for (long i = 0; i < (long) rows * columns; i++) {
            elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-bound, bound));
        }
        return new DenseMatrix(elements, ElementType.F32, rows, columns);
    }

    private LinearWeights linear(int outputs, int inputs) {
        return new LinearWeights(matrix(outputs, inputs), new float[outputs]);
    }

    private static LayerNormWeights norm(int width) {
        float[] gain = new float[width];
        Arrays.fill(gain, 1);
        return new LayerNormWeights(gain, new float[width], 1e-12f);
    }

    @Override
    public void close() {
        arena.close();
    }
}
