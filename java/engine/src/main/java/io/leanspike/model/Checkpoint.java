package io.leanspike.model;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A model folder in Hugging Face's layout, opened: {@code config.json} and {@code model.safetensors}. The matrices of
 * {@link #weights()} are views of the memory-mapped file; once the checkpoint is closed, reading them throws
 * {@link IllegalStateException}.
 *
 * <p>Matrices are stored as {@link MatrixTensors} says, in 32, 16, 8, 1.58 or 1 bits; biases and LayerNorms are F32, F16, BF16 or F64.
 * Tensors that the model does not need are ignored.
 *
 * <pre>{@code
 * try (Checkpoint checkpoint = Checkpoint.open(Path.of("models/sst2-tiny"))) {
 *     System.out.println(checkpoint.config().labels());
 * }
 * }</pre>
 */
public final class Checkpoint implements AutoCloseable {
    public static final String CONFIG_FILE = "config.json";
    public static final String WEIGHTS_FILE = "model.safetensors";

    private final Path directory;
    private final ModelConfig config;
    private final Safetensors tensors;
    private final EncoderWeights weights;

    private Checkpoint(Path directory, ModelConfig config, Safetensors tensors) {
        this.directory = directory;
        this.config = config;
        this.tensors = tensors;
        this.weights = new WeightReader(tensors, config).read();
    }

    /**
     * Opens and checks a model folder.
     *
     * @throws InvalidInputException when the folder or one of its files is absent or malformed, a tensor is missing, of the wrong
     *     type or shape, or holds NaN or infinity; the message names the file, the field or tensor, and the cause
     */
    public static Checkpoint open(Path directory) {
        checkDirectory(directory);
        ModelConfig config = ModelConfigReader.read(directory.resolve(CONFIG_FILE));
        Safetensors tensors = Safetensors.open(directory.resolve(WEIGHTS_FILE));
        try {
            return new Checkpoint(directory, config, tensors);
        } catch (Throwable e) {
            tensors.close();
            throw e;
        }
    }

    private static void checkDirectory(Path directory) {
        if (!Files.exists(directory)) {
            throw new InvalidInputException(directory + " does not exist; name a model folder with "
                    + CONFIG_FILE + " and " + WEIGHTS_FILE);
        }
        if (!Files.isDirectory(directory)) {
            throw new InvalidInputException(directory + " is a file; name the model folder that holds "
                    + CONFIG_FILE + " and " + WEIGHTS_FILE);
        }
        try (Stream<Path> files = Files.list(directory)) {
            if (files.findAny().isEmpty()) {
                throw new InvalidInputException(directory + " is empty; a model folder holds " + CONFIG_FILE + " and " + WEIGHTS_FILE);
            }
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(directory, FileFailure.words(e)), e);
        }
    }

    /** The folder as it was named. */
    public Path directory() {
        return directory;
    }

    public ModelConfig config() {
        return config;
    }

    /**
     * The text of config.json.
     *
     * @throws InvalidInputException when it cannot be read any more
     */
    public String configText() {
        Path file = directory.resolve(CONFIG_FILE);
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    /** config.json, for changes. @throws InvalidInputException when it cannot be read any more */
    public JsonObject configJson() {
        return JsonParser.parseString(configText()).getAsJsonObject();
    }

    /** @throws IllegalStateException when the checkpoint is closed */
    public EncoderWeights weights() {
        if (!tensors.isOpen()) {
            throw new IllegalStateException("the checkpoint " + directory + " is closed");
        }
        return weights;
    }

    /** The tensors as the file stores them, those the model does not need included. */
    public Safetensors tensors() {
        return tensors;
    }

    /** Model bytes on disk: the size of {@code model.safetensors}. */
    public long bytes() {
        return tensors.fileBytes();
    }

    /**
     * Unmaps the weights; a second call does nothing.
     *
     * @throws IllegalStateException when a native call is using the weights at this moment
     */
    @Override
    public void close() {
        tensors.close();
    }
}
