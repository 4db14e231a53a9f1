package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.leanspike.compress.Int8Quantization;
import io.leanspike.compress.LowBitQuantization;
import io.leanspike.compress.StructuralPruning;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.MatrixTensors;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.StoredTensor;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.train.data.ModelFiles;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.HuggingFaceTensors;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.prune.LayerMasks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A student as the engine reads it: config.json with its spiking part, matrices in the bits they were trained for, vocab.txt. */
final class StudentFiles {
    private static final List<String> FILES = List.of("vocab.txt", Checkpoint.CONFIG_FILE, Checkpoint.WEIGHTS_FILE);

    private StudentFiles() {}

    /**
     * Writes a student, without the units that are gone.
     *
     * @param scratch folder for steps in between, below which everything may be replaced
     */
    static void write(Path folder, Student student, List<String> labels, Path scratch) {
        if (student.masks().isEmpty()) {
            write(folder, student, labels);
            return;
        }
        Path whole = scratch.resolve("whole");
        Path pruned = scratch.resolve("pruned");
        write(whole, student, labels);
        try {
            try (Checkpoint checkpoint = Checkpoint.open(whole)) {
                StructuralPruning.write(checkpoint, student.masks().stream().map(LayerMasks::kept).toList(), pruned,
                        CheckpointWriter.Existing.REPLACE);
            }
            Files.createDirectories(folder);
            for (String file : FILES) {
                Files.move(pruned.resolve(file), folder.resolve(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(folder, FileFailure.words(e)), e);
        }
    }

    private static void write(Path folder, Student student, List<String> labels) {
        EncoderParameters parameters = student.encoder();
        StudentSettings settings = student.settings();
        JsonObject config = ModelFiles.config(parameters.shape(), labels, "SpikingBertForSequenceClassification");
        JsonObject spiking = new JsonObject();
        spiking.add("timesteps", timesteps(settings.timesteps()));
        spiking.addProperty("threshold", 1.0);
        spiking.addProperty("leak", 1.0);
        spiking.addProperty("initial_potential", settings.initialPotential());
        config.add("spiking", spiking);
        ModelFiles.write(folder, config, student.vocabulary());
        try (Arena arena = Arena.ofConfined()) {
            List<StoredTensor> tensors = new ArrayList<>();
            for (StoredTensor tensor : HuggingFaceTensors.of(
                    parameters, parameter -> form(parameter, settings.bits()), parameters.words().value().toFloatArray())) {
                tensors.addAll(stored(tensor, settings.bits(), arena));
            }
            SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        }
    }

    /** One number where all layers have the same T, else one a layer. */
    private static JsonElement timesteps(TimestepSchedule schedule) {
        if (schedule.isUniform()) {
            return new JsonPrimitive(schedule.of(0));
        }
        JsonArray layers = new JsonArray();
        schedule.timesteps().forEach(layers::add);
        return layers;
    }

    private static NDArray form(Parameter parameter, WeightBits bits) {
        boolean isEncoderMatrix = parameter.decays() && parameter.name().startsWith("encoder.");
        return isEncoderMatrix ? bits.quantised(parameter.value()) : parameter.value();
    }

    /** The tensor in the fewest bits that hold it as it was trained. */
    private static List<StoredTensor> stored(StoredTensor tensor, WeightBits bits, Arena arena) {
        if (isTable(tensor)) {
            return MatrixTensors.of(tensor.name(), Int8Quantization.quantize(matrix(tensor), arena));
        }
        if (!tensor.name().contains("encoder.layer.") || tensor.shape().size() != 2) {
            return List.of(tensor);
        }
        return switch (bits) {
            case FLOAT -> List.of(tensor);
            case TERNARY -> MatrixTensors.of(tensor.name(), LowBitQuantization.ternary(matrix(tensor), arena));
            case BINARY -> MatrixTensors.of(tensor.name(), LowBitQuantization.binary(matrix(tensor), arena));
        };
    }

    private static DenseMatrix matrix(StoredTensor tensor) {
        return new DenseMatrix(tensor.data(), ElementType.F32, tensor.shape().get(0).intValue(), tensor.shape().get(1).intValue());
    }

    private static boolean isTable(StoredTensor tensor) {
        return tensor.name().endsWith("_embeddings.weight");
    }
}
