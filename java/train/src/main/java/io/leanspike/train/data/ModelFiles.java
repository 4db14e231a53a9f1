package io.leanspike.train.data;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.train.pretrained.EncoderShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The small files of a model folder in Hugging Face's layout: config.json and vocab.txt. */
public final class ModelFiles {
    private ModelFiles() {}

    /** BertConfig's fields for a shape, with the label names in the order of the logits. */
    public static JsonObject config(EncoderShape shape, List<String> labels, String architecture) {
        JsonObject config = new JsonObject();
        JsonArray architectures = new JsonArray();
        architectures.add(architecture);
        config.add("architectures", architectures);
        config.addProperty("model_type", "bert");
        config.addProperty("vocab_size", shape.vocabulary());
        config.addProperty("hidden_size", shape.hidden());
        config.addProperty("num_attention_heads", shape.heads());
        config.addProperty("intermediate_size", shape.intermediate());
        config.addProperty("num_hidden_layers", shape.layers());
        config.addProperty("max_position_embeddings", shape.positions());
        config.addProperty("type_vocab_size", shape.types());
        config.addProperty("hidden_act", "gelu");
        config.addProperty("layer_norm_eps", (double) Float.parseFloat(Float.toString(shape.normEps())));
        config.addProperty("num_labels", labels.size());
        JsonObject names = new JsonObject();
        for (int i = 0; i < labels.size(); i++) {
            names.addProperty(Integer.toString(i), labels.get(i));
        }
        config.add("id2label", names);
        return config;
    }

    /** Writes config.json and vocab.txt, making the folder where it is absent. @throws InvalidInputException when that cannot be done */
    public static void write(Path folder, JsonObject config, List<String> vocabulary) {
        writeVocabulary(folder, vocabulary);
        replace(folder.resolve("config.json"), new GsonBuilder().setPrettyPrinting().create().toJson(config) + "\n");
    }

    /** Writes vocab.txt alone. @throws InvalidInputException when that cannot be done */
    public static void writeVocabulary(Path folder, List<String> vocabulary) {
        replace(folder.resolve("vocab.txt"), String.join("\n", vocabulary) + "\n");
    }

    private static void replace(Path file, String text) {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(temporary, text);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, FileFailure.words(e)), e);
        }
    }
}
