package io.leanspike.model;

import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.BitPlane;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.LowBitMatrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Reads the weights that a configuration asks for out of a safetensors file, checking the type, shape and values of each. */
final class WeightReader {
    private static final Set<ElementType> MATRIX_TYPES =
            EnumSet.of(ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.I8, ElementType.U8);
    private static final Set<ElementType> VECTOR_TYPES =
            EnumSet.of(ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.F64);

    private final Safetensors file;
    private final ModelConfig config;
    private final TensorNames names;

    WeightReader(Safetensors file, ModelConfig config) {
        this.file = file;
        this.config = config;
        this.names = TensorNames.of(file);
    }

    /** @throws InvalidInputException when a tensor is missing, of the wrong type or shape, or holds NaN or infinity */
    EncoderWeights read() {
        int hidden = config.hiddenSize();
        EmbeddingWeights embeddings = new EmbeddingWeights(
                matrix(names.wordEmbeddings(), config.vocabularySize(), hidden),
                matrix(names.positionEmbeddings(), config.maxPositions(), hidden),
                matrix(names.tokenTypeEmbeddings(), config.tokenTypes(), hidden),
                norm(names.embeddingNorm()));
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < config.hiddenLayers(); i++) {
            layers.add(layer(i));
        }
        return new EncoderWeights(embeddings, layers, linear(names.classifier(), config.labels().size(), hidden));
    }

    private LayerWeights layer(int layer) {
        int hidden = config.hiddenSize();
        int keys = config.layers().get(layer).heads().keyWidth();
        int values = config.layers().get(layer).heads().valueWidth();
        int intermediate = config.layers().get(layer).intermediate();
        return new LayerWeights(
                linear(names.layer(layer, "attention.self.query"), keys, hidden),
                linear(names.layer(layer, "attention.self.key"), keys, hidden),
                linear(names.layer(layer, "attention.self.value"), values, hidden),
                linear(names.layer(layer, "attention.output.dense"), hidden, values),
                norm(names.layer(layer, "attention.output.LayerNorm")),
                linear(names.layer(layer, "intermediate.dense"), intermediate, hidden),
                linear(names.layer(layer, "output.dense"), hidden, intermediate),
                norm(names.layer(layer, "output.LayerNorm")));
    }

    private LinearWeights linear(String module, int outputs, int inputs) {
        return new LinearWeights(matrix(module + ".weight", outputs, inputs), vector(module + ".bias", outputs));
    }

    private LayerNormWeights norm(String module) {
        int width = config.hiddenSize();
        return new LayerNormWeights(
                vector(module + ".weight", width), vector(module + ".bias", width), (float) config.layerNormEps());
    }

    private WeightMatrix matrix(String name, int rows, int columns) {
        ElementType type = typed(name, MATRIX_TYPES).type();
        if (type == ElementType.U8) {
            return lowBit(name, rows, columns);
        }
        StoredTensor tensor = shaped(name, List.of((long) rows, (long) columns));
        if (type == ElementType.I8) {
            return new Int8Matrix(tensor.data(), scales(name, rows), rows, columns);
        }
        checkFinite(tensor);
        return new DenseMatrix(tensor.data(), type, rows, columns);
    }

    /** One bit plane: binary; two: ternary, plus before minus. */
    private LowBitMatrix lowBit(String name, int rows, int columns) {
        StoredTensor tensor = file.tensor(name);
        long planeBytes = BitPlane.bytes(rows, columns);
        long planes = tensor.data().byteSize() / planeBytes;
        if ((planes != 1 && planes != 2) || !tensor.shape().equals(List.of(planes, (long) rows, planeBytes / rows))) {
            throw invalid(name, "has shape %s, but bit planes of this matrix have %s (1-bit) or %s (1.58-bit)".formatted(
                    tensor.shape(), List.of(1L, (long) rows, planeBytes / rows), List.of(2L, (long) rows, planeBytes / rows)));
        }
        BitPlane plus = plane(tensor, 0, rows, columns);
        if (planes == 1) {
            return new BinaryMatrix(plus, scales(name, rows));
        }
        TernaryMatrix ternary = new TernaryMatrix(plus, plane(tensor, 1, rows, columns), scales(name, rows));
        if (!ternary.isDisjoint()) {
            throw invalid(name, "has weights that are both positive and negative");
        }
        return ternary;
    }

    private BitPlane plane(StoredTensor tensor, int index, int rows, int columns) {
        long bytes = BitPlane.bytes(rows, columns);
        BitPlane plane = new BitPlane(tensor.data().asSlice(index * bytes, bytes), rows, columns);
        if (!plane.isPadded()) {
            throw invalid(tensor.name(), "has bits set beyond its %d columns".formatted(columns));
        }
        return plane;
    }

    private MemorySegment scales(String name, int rows) {
        String scaleName = TensorNames.scales(name);
        typed(scaleName, EnumSet.of(ElementType.F32));
        StoredTensor scales = shaped(scaleName, List.of((long) rows));
        checkFinite(scales);
        return scales.data();
    }

    private float[] vector(String name, int size) {
        typed(name, VECTOR_TYPES);
        StoredTensor tensor = shaped(name, List.of((long) size));
        float[] values = Elements.toFloats(tensor);
        for (int i = 0; i < size; i++) {
            if (!Float.isFinite(values[i])) {
                throw nonFinite(tensor, i);
            }
        }
        return values;
    }

    private StoredTensor typed(String name, Set<ElementType> types) {
        StoredTensor tensor = file.tensor(name);
        if (!types.contains(tensor.type())) {
            throw invalid(name, "is of type %s, but must be one of %s".formatted(tensor.type(), types));
        }
        return tensor;
    }

    private StoredTensor shaped(String name, List<Long> shape) {
        StoredTensor tensor = file.tensor(name);
        if (!tensor.shape().equals(shape)) {
            throw invalid(name, "has shape %s, but the configuration asks for %s".formatted(tensor.shape(), shape));
        }
        return tensor;
    }

    private void checkFinite(StoredTensor tensor) {
        OptionalLong index = FiniteScan.of(tensor.type()).firstNonFinite(tensor.data());
        if (index.isPresent()) {
            throw nonFinite(tensor, index.getAsLong());
        }
    }

    private InvalidInputException nonFinite(StoredTensor tensor, long index) {
        List<Long> at = tensor.shape().size() == 2
                ? List.of(index / tensor.shape().get(1), index % tensor.shape().get(1))
                : List.of(index);
        return invalid(tensor.name(), "holds %s at index %s, but weights must be finite in float32"
                .formatted(Elements.get(tensor.data(), tensor.type(), index), at));
    }

    private InvalidInputException invalid(String name, String cause) {
        return new InvalidInputException("%s: tensor %s %s".formatted(file.file(), Quoted.of(name), cause));
    }
}
