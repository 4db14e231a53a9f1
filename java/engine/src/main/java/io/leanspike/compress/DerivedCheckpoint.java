package io.leanspike.compress;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.MatrixTensors;
import io.leanspike.model.StoredTensor;
import io.leanspike.model.TensorNames;
import io.leanspike.tensor.WeightMatrix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes a checkpoint with other weights: those of its encoder layers and embedding tables. Everything else stays byte for byte. */
public final class DerivedCheckpoint {
    private DerivedCheckpoint() {}

    /**
     * @param config the text of config.json
     * @throws InvalidInputException when the target may not be replaced or cannot be written; it is then as it was
     */
    public static void write(Checkpoint source, String config, EncoderWeights weights, Path target, CheckpointWriter.Existing existing) {
        TensorNames names = TensorNames.of(source.tensors());
        List<StoredTensor> tensors = new ArrayList<>();
        addTable(tensors, names.wordEmbeddings(), source.weights().embeddings().word(), weights.embeddings().word());
        addTable(tensors, names.positionEmbeddings(), source.weights().embeddings().position(), weights.embeddings().position());
        addTable(tensors, names.tokenTypeEmbeddings(), source.weights().embeddings().tokenType(), weights.embeddings().tokenType());
        for (int i = 0; i < weights.layers().size(); i++) {
            LayerWeights layer = weights.layers().get(i);
            add(tensors, names.layer(i, "attention.self.query"), layer.query());
            add(tensors, names.layer(i, "attention.self.key"), layer.key());
            add(tensors, names.layer(i, "attention.self.value"), layer.value());
            add(tensors, names.layer(i, "attention.output.dense"), layer.attentionOutput());
            add(tensors, names.layer(i, "intermediate.dense"), layer.intermediate());
            add(tensors, names.layer(i, "output.dense"), layer.output());
        }
        Set<String> written = tensors.stream().map(StoredTensor::name)
                .flatMap(name -> Stream.of(name, TensorNames.scales(name))).collect(Collectors.toSet());
        source.tensors().names().stream().filter(name -> !written.contains(name)).map(source.tensors()::tensor).forEach(tensors::add);
        CheckpointWriter.write(source, config, tensors, target, existing);
    }

    private static void addTable(List<StoredTensor> tensors, String name, WeightMatrix before, WeightMatrix now) {
        if (now != before) {
            tensors.addAll(MatrixTensors.of(name, now));
        }
    }

    private static void add(List<StoredTensor> tensors, String module, LinearWeights linear) {
        tensors.addAll(MatrixTensors.of(module + ".weight", linear.weight()));
        tensors.add(StoredTensor.of(module + ".bias", linear.bias()));
    }

    /** Puts the sizes of pruned layers into config.json, as {@code spiking.layers}. */
    static void addShapes(JsonObject config, List<LayerShape> shapes) {
        JsonArray layers = new JsonArray();
        for (LayerShape shape : shapes) {
            JsonObject layer = new JsonObject();
            layer.add("key_sizes", numbers(shape.heads().keySizes()));
            layer.add("value_sizes", numbers(shape.heads().valueSizes()));
            layer.addProperty("intermediate_size", shape.intermediate());
            layers.add(layer);
        }
        config.getAsJsonObject("spiking").add("layers", layers);
    }

    private static JsonArray numbers(List<Integer> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    /** As config.json is written. */
    static String text(JsonObject config) {
        return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(config) + "\n";
    }
}
