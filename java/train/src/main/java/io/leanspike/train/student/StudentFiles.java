package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonObject;
import io.leanspike.compress.EmbeddingQuantization;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.StoredTensor;
import io.leanspike.model.TensorNames;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.train.data.ModelFiles;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.HuggingFaceTensors;
import io.leanspike.train.nn.Parameter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A student as the engine reads it: config.json with its spiking part, quantised matrices as float32, 8-bit embeddings, vocab.txt. */
final class StudentFiles {
    private StudentFiles() {}

    static void write(Path folder, EncoderParameters parameters, StudentSettings settings, List<String> labels, List<String> vocabulary) {
        JsonObject config = ModelFiles.config(parameters.shape(), labels, "SpikingBertForSequenceClassification");
        JsonObject spiking = new JsonObject();
        spiking.addProperty("timesteps", settings.timesteps());
        spiking.addProperty("threshold", 1.0);
        spiking.addProperty("leak", 1.0);
        spiking.addProperty("initial_potential", settings.initialPotential());
        config.add("spiking", spiking);
        ModelFiles.write(folder, config, vocabulary);
        try (Arena arena = Arena.ofConfined()) {
            List<StoredTensor> tensors = new ArrayList<>();
            for (StoredTensor tensor : HuggingFaceTensors.of(
                    parameters, parameter -> form(parameter, settings.bits()), parameters.words().value().toFloatArray())) {
                tensors.addAll(isTable(tensor) ? bytes(tensor, arena) : List.of(tensor));
            }
            SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        }
    }

    private static NDArray form(Parameter parameter, WeightBits bits) {
        boolean isEncoderMatrix = parameter.decays() && parameter.name().startsWith("encoder.");
        return isEncoderMatrix ? bits.quantised(parameter.value()) : parameter.value();
    }

    private static boolean isTable(StoredTensor tensor) {
        return tensor.name().endsWith("_embeddings.weight");
    }

    private static List<StoredTensor> bytes(StoredTensor table, Arena arena) {
        int rows = table.shape().get(0).intValue();
        int columns = table.shape().get(1).intValue();
        Int8Matrix matrix = EmbeddingQuantization.quantize(new DenseMatrix(table.data(), ElementType.F32, rows, columns), arena);
        return List.of(new StoredTensor(table.name(), ElementType.I8, table.shape(), matrix.elements()),
                new StoredTensor(TensorNames.scales(table.name()), ElementType.F32, List.of((long) rows), matrix.scales()));
    }
}
