package io.leanspike.compress;

import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.MatrixTensors;
import io.leanspike.model.StoredTensor;
import io.leanspike.model.TensorNames;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which matrices of a checkpoint are stored in fewer bits. Biases, LayerNorms and the classifier stay as they are.
 *
 * @param embeddings word, position and token type tables in 8 bits: of a small spiking model they are most of the bytes and none of the
 *     accumulates
 * @param encoder bits of the six matrices of each layer; empty = as they are
 */
public record ModelQuantization(boolean embeddings, Optional<EncoderBits> encoder) {

    /**
     * Writes {@code source} to the folder {@code target}; what is not quantized, or holds so few bits already, stays byte for byte.
     *
     * @throws InvalidInputException when the target may not be replaced or cannot be written; it is then as it was
     */
    public void write(Checkpoint source, Path target, CheckpointWriter.Existing existing) {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, WeightMatrix> changed = changedTables(source, arena);
            encoder.ifPresent(bits -> products(source, source.weights().layers()).forEach((module, linear) -> {
                WeightMatrix quantized = bits.quantize(linear.weight(), arena);
                if (quantized.bytes() < linear.weight().bytes()) {
                    changed.put(module + ".weight", quantized);
                }
            }));
            CheckpointWriter.write(source, tensors(source, changed, Map.of()), target, existing);
        }
    }

    /**
     * Writes {@code source} with layers that were quantized already, biases included.
     *
     * @param layers as {@link CalibratedQuantization} makes them
     * @throws InvalidInputException when the target may not be replaced or cannot be written; it is then as it was
     */
    public void write(Checkpoint source, List<LayerWeights> layers, Path target, CheckpointWriter.Existing existing) {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, WeightMatrix> changed = changedTables(source, arena);
            Map<String, float[]> biases = new LinkedHashMap<>();
            products(source, layers).forEach((module, linear) -> {
                changed.put(module + ".weight", linear.weight());
                biases.put(module + ".bias", linear.bias());
            });
            CheckpointWriter.write(source, tensors(source, changed, biases), target, existing);
        }
    }

    private Map<String, WeightMatrix> changedTables(Checkpoint source, Arena arena) {
        Map<String, WeightMatrix> changed = new LinkedHashMap<>();
        if (embeddings) {
            tables(source).forEach((name, table) -> {
                if (table instanceof DenseMatrix) {
                    changed.put(name, Int8Quantization.quantize(table, arena));
                }
            });
        }
        return changed;
    }

    private static Map<String, WeightMatrix> tables(Checkpoint source) {
        TensorNames names = TensorNames.of(source.tensors());
        EmbeddingWeights weights = source.weights().embeddings();
        Map<String, WeightMatrix> tables = new LinkedHashMap<>();
        tables.put(names.wordEmbeddings(), weights.word());
        tables.put(names.positionEmbeddings(), weights.position());
        tables.put(names.tokenTypeEmbeddings(), weights.tokenType());
        return tables;
    }

    /** The products of each layer by the names of their modules. */
    private static Map<String, LinearWeights> products(Checkpoint source, List<LayerWeights> layers) {
        TensorNames names = TensorNames.of(source.tensors());
        Map<String, LinearWeights> products = new LinkedHashMap<>();
        for (int i = 0; i < layers.size(); i++) {
            LayerWeights layer = layers.get(i);
            products.put(names.layer(i, "attention.self.query"), layer.query());
            products.put(names.layer(i, "attention.self.key"), layer.key());
            products.put(names.layer(i, "attention.self.value"), layer.value());
            products.put(names.layer(i, "attention.output.dense"), layer.attentionOutput());
            products.put(names.layer(i, "intermediate.dense"), layer.intermediate());
            products.put(names.layer(i, "output.dense"), layer.output());
        }
        return products;
    }

    private static List<StoredTensor> tensors(Checkpoint source, Map<String, WeightMatrix> changed, Map<String, float[]> biases) {
        List<StoredTensor> tensors = new ArrayList<>();
        Set<String> written = new HashSet<>();
        changed.forEach((name, matrix) -> {
            tensors.addAll(MatrixTensors.of(name, matrix));
            written.add(name);
            written.add(TensorNames.scales(name));
        });
        biases.forEach((name, bias) -> {
            tensors.add(StoredTensor.of(name, bias));
            written.add(name);
        });
        for (String name : source.tensors().names()) {
            if (!written.contains(name)) {
                tensors.add(source.tensors().tensor(name));
            }
        }
        return tensors;
    }
}
