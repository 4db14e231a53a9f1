package io.leanspike.bench;

import io.leanspike.backend.WeightKind;
import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.BitPlane;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.SplittableRandom;

/** A model with seeded random weights, the same in each layer: an operation takes the time its shape, weights and spikes ask for. */
public final class SyntheticModel implements AutoCloseable {
    private static final long SEED = 20_260_101;

    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final ModelConfig config;
    private final WeightKind kind;
    private final EncoderWeights weights;

    SyntheticModel(ModelConfig config) {
        this(config, WeightKind.F32);
    }

    /**
     * @param config whose layers are all alike
     * @param kind of the encoder's weights; everything else is float32
     */
    public SyntheticModel(ModelConfig config, WeightKind kind) {
        this.config = config;
        this.kind = kind;
        int d = config.hiddenSize();
        LayerShape shape = config.layers().getFirst();
        int f = shape.intermediate();
        int keys = shape.heads().keyWidth();
        int values = shape.heads().valueWidth();
        EmbeddingWeights embeddings = new EmbeddingWeights(
                dense(config.vocabularySize(), d), dense(config.maxPositions(), d), dense(config.tokenTypes(), d), norm(d));
        LayerWeights layer = new LayerWeights(
                linear(keys, d), linear(keys, d), linear(values, d), linear(d, values), norm(d), linear(f, d), linear(d, f), norm(d));
        weights = new EncoderWeights(embeddings, Collections.nCopies(config.hiddenLayers(), layer), new LinearWeights(dense(config.labels().size(), d),
                new float[config.labels().size()]));
    }

    public ModelConfig config() {
        return config;
    }

    public EncoderWeights weights() {
        return weights;
    }

    private DenseMatrix dense(int rows, int columns) {
        MemorySegment elements = arena.allocate((long) rows * columns * Float.BYTES, 64);
        double bound = bound(columns);
        for (long i = 0; i < (long) rows * columns; i++) {
            elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-bound, bound));
        }
        return new DenseMatrix(elements, ElementType.F32, rows, columns);
    }

    /** Currents of order 1, so that membranes cross their threshold at an ordinary rate. */
    private static double bound(int columns) {
        return 2 / Math.sqrt(columns);
    }

    private WeightMatrix matrix(int rows, int columns) {
        return switch (kind) {
            case F32 -> dense(rows, columns);
            case F16 -> half(rows, columns);
            case I8 -> bytes(rows, columns);
            case TERNARY -> ternary(rows, columns);
            case BINARY -> new BinaryMatrix(bits(rows, columns), scales(rows, columns));
        };
    }

    private DenseMatrix half(int rows, int columns) {
        MemorySegment elements = arena.allocate((long) rows * columns * Short.BYTES, 64);
        double bound = bound(columns);
        for (long i = 0; i < (long) rows * columns; i++) {
            elements.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16((float) random.nextDouble(-bound, bound)));
        }
        return new DenseMatrix(elements, ElementType.F16, rows, columns);
    }

    private Int8Matrix bytes(int rows, int columns) {
        byte[] elements = new byte[rows * columns];
        random.nextBytes(elements);
        MemorySegment scales = scales(rows, columns);
        for (int row = 0; row < rows; row++) {
            scales.setAtIndex(ValueLayout.JAVA_FLOAT, row, scales.getAtIndex(ValueLayout.JAVA_FLOAT, row) / 128);
        }
        return new Int8Matrix(arena.allocate(elements.length, 64).copyFrom(MemorySegment.ofArray(elements)), scales, rows, columns);
    }

    /** A third of the weights each -1, 0 and 1. */
    private TernaryMatrix ternary(int rows, int columns) {
        BitPlane plus = BitPlane.allocate(arena, rows, columns);
        BitPlane minus = BitPlane.allocate(arena, rows, columns);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                switch (random.nextInt(3)) {
                    case 0 -> plus.set(row, column);
                    case 1 -> minus.set(row, column);
                    default -> { }
                }
            }
        }
        return new TernaryMatrix(plus, minus, scales(rows, columns));
    }

    private BitPlane bits(int rows, int columns) {
        BitPlane plane = BitPlane.allocate(arena, rows, columns);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                if (random.nextBoolean()) {
                    plane.set(row, column);
                }
            }
        }
        return plane;
    }

    private MemorySegment scales(int rows, int columns) {
        MemorySegment scales = arena.allocate(ValueLayout.JAVA_FLOAT, rows);
        for (int row = 0; row < rows; row++) {
            scales.setAtIndex(ValueLayout.JAVA_FLOAT, row, (float) bound(columns) / 2);
        }
        return scales;
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
