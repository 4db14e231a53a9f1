package io.leanspike.model;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads config.json: the fields of a Hugging Face BertConfig that the engine needs, and {@code "spiking"}.
 *
 * <p>Required: {@code vocab_size}, {@code hidden_size}, {@code num_attention_heads}, {@code intermediate_size},
 * {@code num_hidden_layers}, {@code max_position_embeddings}, {@code type_vocab_size}, {@code layer_norm_eps},
 * {@code hidden_act} ("gelu"), {@code spiking.timesteps} (one number for all layers, or a list with one a layer),
 * {@code spiking.threshold} and {@code spiking.leak}. Optional: {@code spiking.initial_potential} (0),
 * {@code spiking.populations} ({@link PopulationNeurons}), {@code spiking.layers} (what pruning
 * left, {@link PrunedShapes}), {@code num_labels} and {@code id2label} (2 labels, LABEL_i). Fields that do not matter to the engine are
 * ignored.
 */
public final class ModelConfigReader {
    private static final int MOST_LAYERS = 1024;
    private static final int MOST_LABELS = 65_536;
    private static final int MOST_TIMESTEPS = 65_536;
    private static final int DEFAULT_LABELS = 2;
    private static final long MOST_BYTES = 16 << 20;

    private ModelConfigReader() {}

    /** @throws InvalidInputException when the file is absent or a field is missing, of the wrong type or out of range */
    public static ModelConfig read(Path file) {
        JsonFields fields = JsonFields.parse(file, bytes(file));
        int hiddenSize = fields.integer("hidden_size", 1, Integer.MAX_VALUE);
        int heads = fields.integer("num_attention_heads", 1, Integer.MAX_VALUE);
        if (hiddenSize % heads != 0) {
            throw fields.invalid("hidden_size", "is %d, not divisible by num_attention_heads %d".formatted(hiddenSize, heads));
        }
        requireOnly(fields, "hidden_act", "gelu");
        if (fields.has("position_embedding_type")) {
            requireOnly(fields, "position_embedding_type", "absolute");
        }
        int layers = fields.integer("num_hidden_layers", 1, MOST_LAYERS);
        ModelConfig whole = new ModelConfig(
                fields.integer("vocab_size", 1, Integer.MAX_VALUE),
                hiddenSize,
                heads,
                fields.integer("intermediate_size", 1, Integer.MAX_VALUE),
                layers,
                fields.integer("max_position_embeddings", 1, Integer.MAX_VALUE),
                fields.integer("type_vocab_size", 1, Integer.MAX_VALUE),
                fields.number("layer_norm_eps", eps -> (float) eps > 0, "above 0"),
                labels(fields),
                spiking(fields.fields("spiking"), layers));
        return fields.fields("spiking").has("layers") ? PrunedShapes.read(whole, fields.fields("spiking")) : whole;
    }

    /**
     * Label names of a BertConfig, spiking or not.
     *
     * @throws InvalidInputException as {@link #read}
     */
    public static List<String> labels(Path file) {
        return labels(JsonFields.parse(file, bytes(file)));
    }

    private static byte[] bytes(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(file + (Files.exists(file) ? " is not a file" : " does not exist"));
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new InvalidInputException("%s: %d bytes are too many for a config.json".formatted(file, Files.size(file)));
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    private static void requireOnly(JsonFields fields, String field, String supported) {
        String value = fields.string(field);
        if (!value.equals(supported)) {
            throw fields.invalid(field, "is %s; supported is \"%s\"".formatted(Quoted.of(value), supported));
        }
    }

    private static SpikingConfig spiking(JsonFields fields, int layers) {
        List<Integer> timesteps = fields.integers("timesteps", 1, MOST_TIMESTEPS);
        boolean onePerLayer = fields.object().get("timesteps").isJsonArray();
        if (onePerLayer && timesteps.size() != layers) {
            throw fields.invalid("timesteps", "has %d entries, but num_hidden_layers is %d".formatted(timesteps.size(), layers));
        }
        SpikingConfig same = new SpikingConfig(
                onePerLayer ? timesteps : Collections.nCopies(layers, timesteps.getFirst()),
                fields.number("threshold", ModelConfigReader::isThreshold, "above 0"),
                fields.number("leak", leak -> (float) leak > 0 && leak <= 1, "above 0 and at most 1"),
                fields.has("initial_potential")
                        ? fields.number("initial_potential", ModelConfigReader::isInitialPotential, "at least 0 and below 1")
                        : 0);
        return fields.has("populations")
                ? same.withPopulations(PopulationNeurons.read(fields.fields("populations"),
                        new NeuronSettings(same.threshold(), same.initialPotential()), layers))
                : same;
    }

    static boolean isThreshold(double value) {
        return (float) value > 0;
    }

    static boolean isInitialPotential(double value) {
        return value >= 0 && (float) value < 1;
    }

    private static List<String> labels(JsonFields fields) {
        if (!fields.has("id2label")) {
            int count = fields.has("num_labels") ? fields.integer("num_labels", 1, MOST_LABELS) : DEFAULT_LABELS;
            List<String> labels = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                labels.add("LABEL_" + i);
            }
            return labels;
        }
        JsonFields names = fields.fields("id2label");
        int count = names.object().size();
        if (count < 1 || count > MOST_LABELS) {
            throw fields.invalid("id2label", "has %d labels, but must have from 1 to %d".formatted(count, MOST_LABELS));
        }
        List<String> labels = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            if (!names.has(Integer.toString(i))) {
                throw fields.invalid("id2label", "has no label \"%d\": its %d keys must be 0 to %d".formatted(i, count, count - 1));
            }
            labels.add(names.string(Integer.toString(i)));
        }
        if (fields.has("num_labels") && fields.integer("num_labels", 1, MOST_LABELS) != count) {
            throw fields.invalid("num_labels", "is %s, but id2label has %d labels"
                    .formatted(fields.object().get("num_labels"), count));
        }
        return labels;
    }
}
