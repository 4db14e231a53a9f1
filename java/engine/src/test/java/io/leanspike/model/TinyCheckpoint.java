package io.leanspike.model;

import io.leanspike.tensor.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A small spiking BERT with random weights, written as a complete checkpoint folder (config.json, model.safetensors, vocab.txt).
 * The same dimensions and seed give the same bytes. Weights are scaled so that every population spikes.
 */
public record TinyCheckpoint(
        int hiddenSize, int attentionHeads, int intermediateSize, int layers, int maxPositions, int labels, int timesteps) {
    public static final TinyCheckpoint DEFAULT = new TinyCheckpoint(32, 4, 48, 2, 32, 2, 4);

    /** The lines of vocab.txt. */
    public static final List<String> VOCABULARY = List.of(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "the", "film", "movie", "is", "was", "good", "great", "bad", "awful",
            "not", "very", "plot", "un", "##good", "##s", "##ing", ".", ",", "!", "?");
    private static final int TOKEN_TYPES = 2;

    /** Writes a checkpoint of the default dimensions; the folder is made if need be. */
    public static Path write(Path directory, long seed) {
        return DEFAULT.writeTo(directory, seed);
    }

    /** Writes a checkpoint of these dimensions; the folder is made if need be. */
    public Path writeTo(Path directory, long seed) {
        return writeTo(directory, config(), tensors(seed));
    }

    /** Writes a checkpoint with this config.json and these tensors, right or wrong. */
    public static Path writeTo(Path directory, String config, List<StoredTensor> tensors) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve(Checkpoint.CONFIG_FILE), config);
            Files.write(directory.resolve("vocab.txt"), VOCABULARY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SafetensorsWriter.write(directory.resolve(Checkpoint.WEIGHTS_FILE), tensors, Map.of("format", "pt"));
        return directory;
    }

    /** The text of config.json. */
    public String config() {
        return """
                {
                 "architectures": ["SpikingBertForSequenceClassification"],
                 "model_type": "bert",
                 "vocab_size": %d,
                 "hidden_size": %d,
                 "num_attention_heads": %d,
                 "intermediate_size": %d,
                 "num_hidden_layers": %d,
                 "max_position_embeddings": %d,
                 "type_vocab_size": %d,
                 "hidden_act": "gelu",
                 "layer_norm_eps": 1e-12,
                 "num_labels": %d,
                 "spiking": {"timesteps": %d, "threshold": 1.0, "leak": 1.0}
                }
                """.formatted(VOCABULARY.size(), hiddenSize, attentionHeads, intermediateSize, layers, maxPositions,
                TOKEN_TYPES, labels, timesteps);
    }

    /** All tensors of the checkpoint, float32. */
    public List<StoredTensor> tensors(long seed) {
        Random random = new Random(seed);
        TensorNames names = new TensorNames("bert.");
        List<StoredTensor> tensors = new ArrayList<>();
        tensors.add(gaussian(random, names.wordEmbeddings(), 0, 1, VOCABULARY.size(), hiddenSize));
        tensors.add(gaussian(random, names.positionEmbeddings(), 0, 0.3, maxPositions, hiddenSize));
        tensors.add(gaussian(random, names.tokenTypeEmbeddings(), 0, 0.3, TOKEN_TYPES, hiddenSize));
        norm(random, tensors, names.embeddingNorm());
        for (int i = 0; i < layers; i++) {
            linear(random, tensors, names.layer(i, "attention.self.query"), hiddenSize, hiddenSize);
            linear(random, tensors, names.layer(i, "attention.self.key"), hiddenSize, hiddenSize);
            linear(random, tensors, names.layer(i, "attention.self.value"), hiddenSize, hiddenSize);
            linear(random, tensors, names.layer(i, "attention.output.dense"), hiddenSize, hiddenSize);
            norm(random, tensors, names.layer(i, "attention.output.LayerNorm"));
            linear(random, tensors, names.layer(i, "intermediate.dense"), intermediateSize, hiddenSize);
            linear(random, tensors, names.layer(i, "output.dense"), hiddenSize, intermediateSize);
            norm(random, tensors, names.layer(i, "output.LayerNorm"));
        }
        linear(random, tensors, names.classifier(), labels, hiddenSize);
        return tensors;
    }

    private static void linear(Random random, List<StoredTensor> tensors, String module, int outputs, int inputs) {
        tensors.add(gaussian(random, module + ".weight", 0, 1.5 / Math.sqrt(inputs), outputs, inputs));
        tensors.add(gaussian(random, module + ".bias", 0.1, 0.2, outputs));
    }

    private void norm(Random random, List<StoredTensor> tensors, String module) {
        tensors.add(gaussian(random, module + ".weight", 1, 0.1, hiddenSize));
        tensors.add(gaussian(random, module + ".bias", 0.1, 0.1, hiddenSize));
    }

    private static StoredTensor gaussian(Random random, String name, double mean, double deviation, long... shape) {
        List<Long> sizes = new ArrayList<>();
        long elements = 1;
        for (long size : shape) {
            sizes.add(size);
            elements *= size;
        }
        MemorySegment data = Arena.ofAuto().allocate(elements * Float.BYTES, Float.BYTES);
        for (long i = 0; i < elements; i++) {
            data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (mean + deviation * random.nextGaussian()));
        }
        return new StoredTensor(name, ElementType.F32, sizes, data);
    }
}
