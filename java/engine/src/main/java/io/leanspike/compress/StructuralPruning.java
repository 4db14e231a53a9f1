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
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.MatrixSelection;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes heads, columns of heads and intermediate neurons out of a model: its matrices become smaller, nothing is left of them as zeros. The
 * result computes what the model does with these units kept silent.
 */
public final class StructuralPruning {
    private StructuralPruning() {}

    /**
     * The weights of the units that stay.
     *
     * @param keeps one a layer
     * @param allocator gives the memory of the matrices that change
     */
    public static EncoderWeights apply(EncoderWeights source, List<LayerKeep> keeps, SegmentAllocator allocator) {
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < source.layers().size(); i++) {
            layers.add(apply(source.layers().get(i), keeps.get(i), allocator));
        }
        return new EncoderWeights(source.embeddings(), layers, source.classifier());
    }

    private static LayerWeights apply(LayerWeights layer, LayerKeep keep, SegmentAllocator allocator) {
        int[] keys = keep.keyColumns();
        int[] values = keep.valueColumns();
        int[] neurons = keep.neuronIndices();
        return new LayerWeights(
                outputs(layer.query(), keys, allocator),
                outputs(layer.key(), keys, allocator),
                outputs(layer.value(), values, allocator),
                inputs(layer.attentionOutput(), values, allocator),
                layer.attentionOutputNorm(),
                outputs(layer.intermediate(), neurons, allocator),
                inputs(layer.output(), neurons, allocator),
                layer.outputNorm());
    }

    private static LinearWeights outputs(LinearWeights linear, int[] kept, SegmentAllocator allocator) {
        return new LinearWeights(MatrixSelection.rows(linear.weight(), kept, allocator), LayerKeep.pick(linear.bias(), kept));
    }

    private static LinearWeights inputs(LinearWeights linear, int[] kept, SegmentAllocator allocator) {
        return new LinearWeights(MatrixSelection.columns(linear.weight(), kept, allocator), linear.bias());
    }

    /**
     * Writes the pruned model to the folder {@code target}, its sizes in config.json as {@code spiking.layers}.
     *
     * @throws InvalidInputException when the target exists and is not empty, or cannot be written
     */
    public static void write(Checkpoint source, List<LayerKeep> keeps, Path target) {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, List<StoredTensor>> changed = new HashMap<>();
            TensorNames names = TensorNames.of(source.tensors());
            EncoderWeights pruned = apply(source.weights(), keeps, arena);
            for (int i = 0; i < pruned.layers().size(); i++) {
                LayerWeights layer = pruned.layers().get(i);
                put(changed, names.layer(i, "attention.self.query"), layer.query());
                put(changed, names.layer(i, "attention.self.key"), layer.key());
                put(changed, names.layer(i, "attention.self.value"), layer.value());
                put(changed, names.layer(i, "attention.output.dense"), layer.attentionOutput());
                put(changed, names.layer(i, "intermediate.dense"), layer.intermediate());
                put(changed, names.layer(i, "output.dense"), layer.output());
            }
            List<StoredTensor> tensors = new ArrayList<>();
            changed.values().forEach(tensors::addAll);
            List<String> written = tensors.stream().map(StoredTensor::name).toList();
            source.tensors().names().stream().filter(name -> !written.contains(name)).map(source.tensors()::tensor).forEach(tensors::add);
            CheckpointWriter.write(source, config(source, keeps), tensors, target, CheckpointWriter.Existing.REFUSE);
        }
    }

    private static void put(Map<String, List<StoredTensor>> changed, String module, LinearWeights linear) {
        WeightMatrix weight = linear.weight();
        List<StoredTensor> tensors = new ArrayList<>(MatrixTensors.of(module + ".weight", weight));
        MemorySegment bias = MemorySegment.ofArray(new byte[linear.bias().length * Float.BYTES]);
        bias.copyFrom(MemorySegment.ofArray(linear.bias()));
        tensors.add(new StoredTensor(module + ".bias", ElementType.F32, List.of((long) linear.bias().length), bias));
        changed.put(module, tensors);
    }

    private static String config(Checkpoint source, List<LayerKeep> keeps) {
        JsonArray layers = new JsonArray();
        for (int i = 0; i < keeps.size(); i++) {
            LayerShape shape = keeps.get(i).shape(source.config().layers().get(i));
            JsonObject layer = new JsonObject();
            layer.add("key_sizes", numbers(shape.heads().keySizes()));
            layer.add("value_sizes", numbers(shape.heads().valueSizes()));
            layer.addProperty("intermediate_size", shape.intermediate());
            layers.add(layer);
        }
        JsonObject config = source.configJson();
        config.getAsJsonObject("spiking").add("layers", layers);
        return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(config) + "\n";
    }

    private static JsonArray numbers(List<Integer> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }
}
