package io.leanspike.train.nn;

import ai.djl.ndarray.NDManager;
import io.leanspike.train.pretrained.EncoderShape;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.util.List;

/**
 * One encoder layer. Query, key and value are one product: their rows stand under each other, [3 hidden, hidden].
 *
 * @param projection query, key and value
 */
public record LayerParameters(
        Parameter projection, Parameter projectionBias,
        Parameter attentionOutput, Parameter attentionOutputBias, Parameter attentionGain, Parameter attentionShift,
        Parameter intermediate, Parameter intermediateBias,
        Parameter output, Parameter outputBias, Parameter outputGain, Parameter outputShift) {

    private static final List<String> PROJECTIONS = List.of("query", "key", "value");

    /** Copies layer {@code from} of a pretrained encoder; the parameters are named after layer {@code layer}. */
    static LayerParameters copy(NDManager manager, PretrainedEncoder source, int from, int layer) {
        EncoderShape shape = source.shape();
        int hidden = shape.hidden();
        int wide = shape.intermediate();
        return new Reader(manager, source, from, layer).read(hidden, wide);
    }

    public List<Parameter> all() {
        return List.of(projection, projectionBias, attentionOutput, attentionOutputBias, attentionGain, attentionShift,
                intermediate, intermediateBias, output, outputBias, outputGain, outputShift);
    }

    private record Reader(NDManager manager, PretrainedEncoder source, int from, int layer) {
        LayerParameters read(int hidden, int wide) {
            return new LayerParameters(
                    projection(".weight", hidden * hidden, true, 3L * hidden, hidden), projection(".bias", hidden, false, 3L * hidden),
                    matrix("attention.output.dense.weight", hidden, hidden), vector("attention.output.dense.bias", hidden),
                    vector("attention.output.LayerNorm.weight", hidden), vector("attention.output.LayerNorm.bias", hidden),
                    matrix("intermediate.dense.weight", wide, hidden), vector("intermediate.dense.bias", wide),
                    matrix("output.dense.weight", hidden, wide), vector("output.dense.bias", hidden),
                    vector("output.LayerNorm.weight", hidden), vector("output.LayerNorm.bias", hidden));
        }

        private Parameter projection(String suffix, int elements, boolean decays, long... shape) {
            float[] fused = new float[PROJECTIONS.size() * elements];
            for (int i = 0; i < PROJECTIONS.size(); i++) {
                String name = name(from, "attention.self." + PROJECTIONS.get(i) + suffix);
                System.arraycopy(source.tensor(name, elements), 0, fused, i * elements, elements);
            }
            return Parameter.of(manager, name(layer, "attention.self.projection" + suffix), fused, decays, shape);
        }

        private Parameter matrix(String name, int rows, int columns) {
            return Parameter.of(manager, name(layer, name), source.tensor(name(from, name), rows * columns), true, rows, columns);
        }

        private Parameter vector(String name, int size) {
            return Parameter.of(manager, name(layer, name), source.tensor(name(from, name), size), false, size);
        }

        private static String name(int layer, String module) {
            return "encoder.layer." + layer + "." + module;
        }
    }
}
