package io.leanspike.backend;

import io.leanspike.model.AttentionHeads;
import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.SpikingConfig;
import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.BitPlane;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.SpikeTensor;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Models, batches and spikes of any shape from a seed. */
public final class RandomModel {
    /** Sizes of a model and of the batch it is run on. */
    public record Shape(int hidden, int heads, int intermediate, int timesteps, int... lengths) {
        @Override
        public String toString() {
            return "d=%d h=%d f=%d T=%d L=%s".formatted(hidden, heads, intermediate, timesteps, java.util.Arrays.toString(lengths));
        }
    }

    /** How a matrix is stored. */
    public enum Stored { I8, F16, BF16, F32, TERNARY, BINARY }

    private static final int VOCABULARY = 50;

    private final List<Stored> stored;
    private final SplittableRandom random;
    private final Arena arena;

    private RandomModel(List<Stored> stored, SplittableRandom random, Arena arena) {
        this.stored = stored;
        this.random = random;
        this.arena = arena;
    }

    public static ModelConfig config(Shape shape, int layers, double threshold, double leak, double initialPotential) {
        int longest = java.util.Arrays.stream(shape.lengths).max().orElseThrow();
        return new ModelConfig(VOCABULARY, shape.hidden, shape.heads, shape.intermediate, layers, longest, 2, 1e-12,
                List.of("LABEL_0", "LABEL_1", "LABEL_2"),
                new SpikingConfig(Collections.nCopies(layers, shape.timesteps), threshold, leak, initialPotential));
    }

    /** The same layers with heads, columns of heads and neurons taken out, in each layer others. */
    public static ModelConfig pruned(ModelConfig whole, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<LayerShape> shapes = new ArrayList<>();
        for (int i = 0; i < whole.hiddenLayers(); i++) {
            List<Integer> keys = new ArrayList<>();
            List<Integer> values = new ArrayList<>();
            int heads = random.nextInt(1, whole.attentionHeads() + 1);
            for (int h = 0; h < heads; h++) {
                keys.add(random.nextInt(1, whole.headSize() + 1));
                values.add(random.nextInt(1, whole.headSize() + 1));
            }
            shapes.add(new LayerShape(new AttentionHeads(keys, values, 1 / Math.sqrt(whole.headSize())),
                    random.nextInt(1, whole.intermediateSize() + 1)));
        }
        return new ModelConfig(whole.vocabularySize(), whole.hiddenSize(), whole.attentionHeads(), whole.intermediateSize(), whole.hiddenLayers(),
                whole.maxPositions(), whole.tokenTypes(), whole.layerNormEps(), whole.labels(), whole.spiking(), shapes);
    }

    /** Matrices stored in every way there is. */
    public static EncoderWeights weights(ModelConfig config, long seed, Arena arena) {
        return weights(config, seed, arena, List.of(Stored.values()));
    }

    /** @param stored the ways matrices take turns in, by the toss of a die */
    public static EncoderWeights weights(ModelConfig config, long seed, Arena arena, List<Stored> stored) {
        return new RandomModel(stored, new SplittableRandom(seed), arena).weights(config);
    }

    private EncoderWeights weights(ModelConfig config) {
        int d = config.hiddenSize();
        EmbeddingWeights embeddings = new EmbeddingWeights(matrix(config.vocabularySize(), d, 1), matrix(config.maxPositions(), d, 1),
                matrix(2, d, 1), norm(d));
        List<LayerWeights> layers = new ArrayList<>();
        for (LayerShape shape : config.layers()) {
            int keys = shape.heads().keyWidth();
            int values = shape.heads().valueWidth();
            int f = shape.intermediate();
            layers.add(new LayerWeights(linear(keys, d), linear(keys, d), linear(values, d), linear(d, values), norm(d), linear(f, d),
                    linear(d, f), norm(d)));
        }
        return new EncoderWeights(embeddings, layers, linear(config.labels().size(), d));
    }

    public static TokenBatch batch(Shape shape, long seed, boolean withPadding) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] offsets = new int[shape.lengths.length + 1];
        for (int b = 0; b < shape.lengths.length; b++) {
            offsets[b + 1] = offsets[b] + shape.lengths[b];
        }
        int rows = offsets[shape.lengths.length];
        int[] words = new int[rows];
        int[] positions = new int[rows];
        int[] types = new int[rows];
        byte[] live = new byte[rows];
        for (int b = 0; b < shape.lengths.length; b++) {
            for (int row = offsets[b]; row < offsets[b + 1]; row++) {
                words[row] = random.nextInt(VOCABULARY);
                positions[row] = row - offsets[b];
                types[row] = random.nextInt(2);
                live[row] = (byte) (withPadding && random.nextInt(3) == 0 ? 0 : 1);
            }
        }
        return new TokenBatch(words, positions, types, live, offsets);
    }

    public static SpikeTensor spikes(int rows, int timesteps, int width, double density, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int words = rows * timesteps * SpikeTensor.wordsPerStep(width);
        SpikeTensor tensor = new SpikeTensor(MemorySegment.ofArray(new long[words]), rows, timesteps, width);
        for (int row = 0; row < rows; row++) {
            for (int t = 0; t < timesteps; t++) {
                for (int j = 0; j < width; j++) {
                    if (random.nextDouble() < density) {
                        tensor.set(row, t, j);
                    }
                }
            }
        }
        return tensor;
    }

    private WeightMatrix matrix(int rows, int columns, double scale) {
        return switch (stored.get(random.nextInt(stored.size()))) {
            case I8 -> int8(rows, columns, scale);
            case F16 -> dense(ElementType.F16, rows, columns, scale);
            case BF16 -> dense(ElementType.BF16, rows, columns, scale);
            case F32 -> dense(ElementType.F32, rows, columns, scale);
            case TERNARY -> ternary(rows, columns, scale, random, arena);
            case BINARY -> binary(rows, columns, scale, random, arena);
        };
    }

    private DenseMatrix dense(ElementType type, int rows, int columns, double scale) {
        MemorySegment elements = arena.allocate((long) rows * columns * type.bytes(), 8);
        for (long i = 0; i < (long) rows * columns; i++) {
            float value = (float) (random.nextDouble(-2, 2) * scale);
            switch (type) {
                case F32 -> elements.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                case F16 -> elements.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(value));
                case BF16 -> elements.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (Float.floatToIntBits(value) >>> 16));
                default -> throw new IllegalArgumentException(type.toString());
            }
        }
        return new DenseMatrix(elements, type, rows, columns);
    }

    private Int8Matrix int8(int rows, int columns, double scale) {
        MemorySegment elements = arena.allocate((long) rows * columns);
        for (long i = 0; i < elements.byteSize(); i++) {
            elements.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(-127, 128));
        }
        return new Int8Matrix(elements, scales(rows, scale / 127, random, arena), rows, columns);
    }

    /** About a third of the weights each -1, 0 and 1 times the scale. */
    public static TernaryMatrix ternary(int rows, int columns, double scale, SplittableRandom random, Arena arena) {
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
        return new TernaryMatrix(plus, minus, scales(rows, scale, random, arena));
    }

    /** About half of the weights each -1 and 1 times the scale. */
    public static BinaryMatrix binary(int rows, int columns, double scale, SplittableRandom random, Arena arena) {
        BitPlane plus = BitPlane.allocate(arena, rows, columns);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                if (random.nextBoolean()) {
                    plus.set(row, column);
                }
            }
        }
        return new BinaryMatrix(plus, scales(rows, scale, random, arena));
    }

    private static MemorySegment scales(int rows, double scale, SplittableRandom random, Arena arena) {
        MemorySegment scales = arena.allocate(ValueLayout.JAVA_FLOAT, rows);
        for (int row = 0; row < rows; row++) {
            scales.setAtIndex(ValueLayout.JAVA_FLOAT, row, (float) (random.nextDouble(1, 3) * scale));
        }
        return scales;
    }

    private LinearWeights linear(int outputs, int inputs) {
        float[] bias = new float[outputs];
        for (int i = 0; i < outputs; i++) {
            bias[i] = (float) random.nextGaussian() * 0.2f;
        }
        return new LinearWeights(matrix(outputs, inputs, 2 / Math.sqrt(inputs)), bias);
    }

    private LayerNormWeights norm(int width) {
        float[] weight = new float[width];
        float[] bias = new float[width];
        for (int i = 0; i < width; i++) {
            weight[i] = 0.5f + (float) random.nextDouble();
            bias[i] = (float) random.nextGaussian() * 0.2f;
        }
        return new LayerNormWeights(weight, bias, 1e-12f);
    }
}
