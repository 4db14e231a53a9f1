package io.leanspike.compress;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.PopulationNeurons;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A compressed model in memory, ready to be run or written.
 *
 * @param config with the sizes, timesteps and neurons it runs with
 * @param keeps what stays of each layer of the model it was made of
 */
public record CompressedModel(ModelConfig config, EncoderWeights weights, List<LayerKeep> keeps) {

    public CompressedModel {
        keeps = List.copyOf(keeps);
    }

    /** Nothing taken out. */
    public CompressedModel(ModelConfig config, EncoderWeights weights) {
        this(config, weights, config.layers().stream().map(LayerKeep::all).toList());
    }

    /** Bytes of all tensors as a checkpoint stores them, its header excepted. */
    public long bytes() {
        long embeddings = weights.embeddings().word().bytes() + weights.embeddings().position().bytes()
                + weights.embeddings().tokenType().bytes() + bytes(weights.embeddings().norm());
        long vectors = weights.layers().stream().mapToLong(layer -> products(layer).mapToLong(CompressedModel::biasBytes).sum()
                + bytes(layer.attentionOutputNorm()) + bytes(layer.outputNorm())).sum();
        return embeddings + vectors + encoderBytes() + weights.classifier().weight().bytes() + biasBytes(weights.classifier());
    }

    /** Bytes of the six matrices of every layer, scales included. */
    public long encoderBytes() {
        return weights.layers().stream().flatMap(CompressedModel::products).mapToLong(linear -> linear.weight().bytes()).sum();
    }

    private static Stream<LinearWeights> products(LayerWeights layer) {
        return Stream.of(layer.query(), layer.key(), layer.value(), layer.attentionOutput(), layer.intermediate(), layer.output());
    }

    private static long biasBytes(LinearWeights linear) {
        return (long) linear.bias().length * Float.BYTES;
    }

    private static long bytes(LayerNormWeights norm) {
        return (long) (norm.weight().length + norm.bias().length) * Float.BYTES;
    }

    /**
     * Writes it as a checkpoint.
     *
     * @param source the model it was made of
     * @throws io.leanspike.error.InvalidInputException when the target may not be replaced or cannot be written; it is then as it was
     */
    public void write(Checkpoint source, Path target, CheckpointWriter.Existing existing) {
        JsonObject json = source.configJson();
        JsonObject spiking = json.getAsJsonObject("spiking");
        JsonArray timesteps = new JsonArray();
        config.spiking().timesteps().forEach(timesteps::add);
        spiking.add("timesteps", timesteps);
        spiking.addProperty("threshold", config.spiking().threshold());
        spiking.addProperty("initial_potential", config.spiking().initialPotential());
        if (!config.spiking().populations().isEmpty()) {
            spiking.add("populations", PopulationNeurons.json(config.spiking().populations()));
        }
        if (!config.layers().equals(source.config().layers())) {
            DerivedCheckpoint.addShapes(json, config.layers());
            KeptUnits.add(json, source, keeps);
        }
        DerivedCheckpoint.write(source, DerivedCheckpoint.text(json), weights, target, existing);
    }
}
