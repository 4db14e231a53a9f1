package io.leanspike.compress;

import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.LayerWeights;
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
     * @throws InvalidInputException when the target exists and is not empty, or cannot be written
     */
    public void write(Checkpoint source, Path target) {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, WeightMatrix> changed = new LinkedHashMap<>();
            if (embeddings) {
                tables(source).forEach((name, table) -> {
                    if (table instanceof DenseMatrix) {
                        changed.put(name, Int8Quantization.quantize(table, arena));
                    }
                });
            }
            encoder.ifPresent(bits -> products(source).forEach((name, matrix) -> {
                WeightMatrix quantized = bits.quantize(matrix, arena);
                if (quantized.bytes() < matrix.bytes()) {
                    changed.put(name, quantized);
                }
            }));
            CheckpointWriter.write(source, tensors(source, changed), target, CheckpointWriter.Existing.REFUSE);
        }
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

    private static Map<String, WeightMatrix> products(Checkpoint source) {
        TensorNames names = TensorNames.of(source.tensors());
        Map<String, WeightMatrix> products = new LinkedHashMap<>();
        List<LayerWeights> layers = source.weights().layers();
        for (int i = 0; i < layers.size(); i++) {
            LayerWeights layer = layers.get(i);
            products.put(names.layer(i, "attention.self.query") + ".weight", layer.query().weight());
            products.put(names.layer(i, "attention.self.key") + ".weight", layer.key().weight());
            products.put(names.layer(i, "attention.self.value") + ".weight", layer.value().weight());
            products.put(names.layer(i, "attention.output.dense") + ".weight", layer.attentionOutput().weight());
            products.put(names.layer(i, "intermediate.dense") + ".weight", layer.intermediate().weight());
            products.put(names.layer(i, "output.dense") + ".weight", layer.output().weight());
        }
        return products;
    }

    private static List<StoredTensor> tensors(Checkpoint source, Map<String, WeightMatrix> changed) {
        List<StoredTensor> tensors = new ArrayList<>();
        Set<String> written = new HashSet<>();
        changed.forEach((name, matrix) -> {
            tensors.addAll(MatrixTensors.of(name, matrix));
            written.add(name);
            written.add(TensorNames.scales(name));
        });
        for (String name : source.tensors().names()) {
            if (!written.contains(name)) {
                tensors.add(source.tensors().tensor(name));
            }
        }
        return tensors;
    }
}
