package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.LayerParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.nn.WordTable;
import io.leanspike.train.prune.LayerMasks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The spiking encoder, differentiable: the populations and products of the engine with one of the {@link Coding codings} in the
 * neurons' place, quantised matrices and 8-bit embeddings. No neuron feeds back, so all timesteps of a layer are one product, time
 * folded into the batch.
 */
public record StudentForward(EncoderParameters parameters, Leaves leaves, List<Coding> codings, List<LayerMasks> masks) {
    /** Populations of a layer, in the order of {@link Activations#rates}; the embedding's stand before the first layer's. */
    private static final int POPULATIONS = 5;
    private static final int CONTEXT = 1;
    private static final int INTERMEDIATE = 3;

    /**
     * @param leaves what parameters and masks are read as
     * @param codings one a layer
     * @param masks one a layer, or none where nothing is pruned
     */
    public StudentForward {
        codings = List.copyOf(codings);
        masks = List.copyOf(masks);
    }

    /** Rates [B, L, hidden] of a layer's context. */
    static NDArray context(Activations made, int layer) {
        return made.rates().get(1 + layer * POPULATIONS + CONTEXT);
    }

    /** Rates [B, L, intermediate] of a layer's intermediate neurons. */
    static NDArray intermediate(Activations made, int layer) {
        return made.rates().get(1 + layer * POPULATIONS + INTERMEDIATE);
    }

    /** Hidden states and scores are means over the timesteps; padding is included. */
    public Activations run(TokenTensors batch, WordTable.Rows rows) {
        Coding coding = codings.getFirst();
        int steps = coding.steps();
        NDArray embedding = parameters.embed(leaves, batch, rows);
        NDArray activity = coding.of(steps == 1 ? embedding : embedding.tile(new long[] {steps, 1, 1}));
        List<NDArray> rates = new ArrayList<>(List.of(mean(activity, steps)));
        List<NDArray> hidden = new ArrayList<>(rates);
        List<NDArray> scores = new ArrayList<>();
        for (int i = 0; i < codings.size(); i++) {
            Coding before = coding;
            coding = codings.get(i);
            NDArray given = activity;
            Layer layer = new Layer(parameters.layers().get(i), coding, batch.mask(),
                    masks.isEmpty() ? Optional.empty() : Optional.of(masks.get(i)));
            NDList made = Torch.keeping(() -> layer.run(layer.coding.read(given, before)));
            activity = made.get(0);
            scores.add(made.get(1));
            rates.addAll(made.subList(2, made.size()));
            hidden.add(rates.getLast());
        }
        return new Activations(hidden, scores, rates);
    }

    /** [B, outputs] */
    NDArray logits(Activations made) {
        return parameters.classify(leaves, made.hidden().getLast().get(":, 0"));
    }

    /** [steps B, ...] to [B, ...]. */
    private static NDArray mean(NDArray values, int steps) {
        if (steps == 1) {
            return values;
        }
        Shape shape = values.getShape();
        return values.reshape(new Shape(steps, shape.get(0) / steps).addAll(shape.slice(1))).mean(new int[] {0});
    }

    /** One layer's pass over a batch. */
    private final class Layer {
        private final LayerParameters layer;
        private final Coding coding;
        private final Optional<NDArray> padding;
        private final Optional<LayerMasks> masks;
        private final List<NDArray> rates = new ArrayList<>();

        Layer(LayerParameters layer, Coding coding, Optional<NDArray> padding, Optional<LayerMasks> masks) {
            this.layer = layer;
            this.coding = coding;
            this.padding = padding;
            this.masks = masks;
        }

        /** The layer's activity, its attention scores, and the rates of its populations. */
        NDList run(NDArray input) {
            NDArray projected = leaves.linear(input, layer.projection(), layer.projectionBias());
            NDList attention = attention(projected);
            NDArray attended = leaves.linear(attention.get(0), layer.attentionOutput(), layer.attentionOutputBias());
            NDArray middle = fire(norm(
                    attention.get(0), attended, input, layer.attentionOutput(), layer.attentionGain(), layer.attentionShift()));
            NDArray wide = fire(gelu(middle), masks.map(pruned -> leaves.of(pruned.neurons().kept())));
            NDArray narrow = leaves.linear(wide, layer.output(), layer.outputBias());
            NDArray output = fire(norm(wide, narrow, middle, layer.output(), layer.outputGain(), layer.outputShift()));
            NDList made = new NDList(output, attention.get(1));
            made.addAll(rates);
            return made;
        }

        /** LayerNorm of a branch and its residual. @param read what the branch is made of, by {@code matrix} */
        private NDArray norm(NDArray read, NDArray branch, NDArray residual, Parameter matrix, Parameter gain, Parameter shift) {
            NDArray sum = branch.add(residual);
            if (!coding.isNoisy()) {
                return leaves.layerNorm(sum, gain, shift, parameters.shape().normEps());
            }
            NDArray noise = SpikeNoise.ofSum(read, SpikeNoise.columnSquares(leaves.of(matrix)), residual);
            return SpikeNoise.normalised(sum, noise, parameters.shape().normEps()).mul(leaves.of(gain)).add(leaves.of(shift));
        }

        /** GELU of the intermediate currents. @param read [steps B, L, hidden] */
        private NDArray gelu(NDArray read) {
            NDArray current = leaves.linear(read, layer.intermediate(), layer.intermediateBias());
            if (!coding.isNoisy()) {
                return Torch.gelu(current);
            }
            // Each row's squares times the mean noise of what it reads: one product of squares less than exact.
            NDArray rows = leaves.of(layer.intermediate()).square().sum(new int[] {1});
            return SpikeNoise.gelu(current, SpikeNoise.variance(read).mean(new int[] {-1}, true).mul(rows));
        }

        private NDArray fire(NDArray current) {
            return fire(current, Optional.empty());
        }

        /** @param kept [width] silences units */
        private NDArray fire(NDArray current, Optional<NDArray> kept) {
            NDArray free = coding.of(current);
            NDArray activity = kept.map(free::mul).orElse(free);
            rates.add(mean(activity, coding.steps()));
            return activity;
        }

        /** Context and mean scores. Query stays real; key, value and context are populations. @param projected [steps B, L, 3 hidden] */
        private NDList attention(NDArray projected) {
            long sequences = projected.getShape().get(0);
            long length = projected.getShape().get(1);
            long hidden = parameters.shape().hidden();
            NDList parts = projected.split(new long[] {hidden}, 2);
            NDList keyValue = fire(parts.get(1), masks.map(LayerMasks::keysAndValuesKept)).split(2, 2);
            NDArray query = heads(parts.get(0));
            NDArray scaled = Torch.times(query, 1 / Math.sqrt(parameters.shape().headSize()));
            NDArray raw = scaled.matMul(heads(keyValue.get(0)).transpose(0, 1, 3, 2));
            NDArray soft = coding.isNoisy()
                    ? raw.div(SpikeNoise.softening(scaled, heads(SpikeNoise.variance(keyValue.get(0)).mean(new int[] {1}, true)))) : raw;
            NDArray masked = padding.map(mask -> soft.add(coding.steps() == 1 ? mask : mask.tile(new long[] {coding.steps(), 1, 1, 1})))
                    .orElse(soft);
            NDArray context = masked.softmax(-1).matMul(heads(keyValue.get(1))).transpose(0, 2, 1, 3).reshape(sequences, length, hidden);
            return new NDList(fire(context, masks.map(pruned -> leaves.of(pruned.context().kept()))), mean(raw, coding.steps()));
        }

        private NDArray heads(NDArray x) {
            return x.reshape(x.getShape().get(0), x.getShape().get(1), parameters.shape().heads(), -1).transpose(0, 2, 1, 3);
        }
    }
}
