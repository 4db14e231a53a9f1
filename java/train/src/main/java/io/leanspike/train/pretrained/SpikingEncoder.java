package io.leanspike.train.pretrained;

import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.WeightMatrix;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** Reads a spiking model, in whatever bits it is stored, as float32 tensors that a gradient can be taken of. */
public final class SpikingEncoder {
    private SpikingEncoder() {}

    /** @throws InvalidInputException when the model has neurons or sizes that the trainer does not know */
    public static PretrainedEncoder read(Checkpoint model) {
        ModelConfig config = model.config();
        check(model);
        Map<String, float[]> tensors = new HashMap<>();
        tensors.put("embeddings.word_embeddings.weight", floats(model.weights().embeddings().word()));
        tensors.put("embeddings.position_embeddings.weight", floats(model.weights().embeddings().position()));
        tensors.put("embeddings.token_type_embeddings.weight", floats(model.weights().embeddings().tokenType()));
        put(tensors, "embeddings.LayerNorm", model.weights().embeddings().norm());
        for (int i = 0; i < config.hiddenLayers(); i++) {
            LayerWeights layer = model.weights().layers().get(i);
            String prefix = "encoder.layer." + i + ".";
            put(tensors, prefix + "attention.self.query", layer.query());
            put(tensors, prefix + "attention.self.key", layer.key());
            put(tensors, prefix + "attention.self.value", layer.value());
            put(tensors, prefix + "attention.output.dense", layer.attentionOutput());
            put(tensors, prefix + "attention.output.LayerNorm", layer.attentionOutputNorm());
            put(tensors, prefix + "intermediate.dense", layer.intermediate());
            put(tensors, prefix + "output.dense", layer.output());
            put(tensors, prefix + "output.LayerNorm", layer.outputNorm());
        }
        put(tensors, "classifier", model.weights().classifier());
        EncoderShape shape = new EncoderShape(config.vocabularySize(), config.hiddenSize(), config.attentionHeads(),
                config.intermediateSize(), config.hiddenLayers(), config.maxPositions(), config.tokenTypes(),
                        (float) config.layerNormEps());
        return new PretrainedEncoder(model.directory().toString(), shape, tensors, Vocabulary.ofFolder(model.directory()));
    }

    private static void check(Checkpoint model) {
        ModelConfig config = model.config();
        if (config.spiking().threshold() != 1 || config.spiking().leak() != 1) {
            throw new InvalidInputException("%s: threshold %s and leak %s; gradients are known for threshold 1 and leak 1 only".formatted(
                    model.directory(), config.spiking().threshold(), config.spiking().leak()));
        }
        if (!config.spiking().populations().isEmpty()) {
            throw new InvalidInputException(
                    model.directory() + ": populations have neurons of their own; gradients are known for threshold 1 only");
        }
        boolean whole = config.layers().stream().allMatch(layer -> layer.intermediate() == config.intermediateSize()
                && layer.heads().keySizes().equals(Collections.nCopies(config.attentionHeads(), config.headSize()))
                && layer.heads().valueSizes().equals(layer.heads().keySizes()));
        if (!whole) {
            throw new InvalidInputException(
                    model.directory() + ": parts of its layers are pruned already; measure the model before pruning");
        }
    }

    private static void put(Map<String, float[]> tensors, String module, LinearWeights linear) {
        tensors.put(module + ".weight", floats(linear.weight()));
        tensors.put(module + ".bias", linear.bias());
    }

    private static void put(Map<String, float[]> tensors, String module, LayerNormWeights norm) {
        tensors.put(module + ".weight", norm.weight());
        tensors.put(module + ".bias", norm.bias());
    }

    private static float[] floats(WeightMatrix matrix) {
        float[] values = new float[Math.multiplyExact(matrix.rows(), matrix.columns())];
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                values[row * matrix.columns() + column] = (float) matrix.get(row, column);
            }
        }
        return values;
    }
}
