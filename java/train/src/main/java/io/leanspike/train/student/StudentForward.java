package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.LayerParameters;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.nn.WordTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The spiking encoder, differentiable: the populations and products of the engine with one of the {@link Coding codings} in the
 * neurons' place, quantised matrices and 8-bit embeddings. No neuron feeds back, so all timesteps of a layer are one product, time
 * folded into the batch.
 */
public record StudentForward(EncoderParameters parameters, List<Coding> codings, WeightBits bits) {

    /** @param codings one a layer */
    public StudentForward {
        codings = List.copyOf(codings);
    }

    /** Hidden states and scores are means over the timesteps; padding is included. */
    public Activations run(TokenTensors batch, WordTable.Rows rows) {
        Coding coding = codings.getFirst();
        int steps = coding.steps();
        NDArray embedding = parameters.embed(batch, rows, ByteRows::of);
        NDArray activity = coding.of(steps == 1 ? embedding : embedding.tile(new long[] {steps, 1, 1}));
        List<NDArray> rates = new ArrayList<>(List.of(mean(activity, steps)));
        List<NDArray> hidden = new ArrayList<>(rates);
        List<NDArray> scores = new ArrayList<>();
        for (int i = 0; i < codings.size(); i++) {
            Coding before = coding;
            coding = codings.get(i);
            NDArray given = activity;
            Layer layer = new Layer(parameters.layers().get(i), coding, batch.mask());
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
        return parameters.classify(made.hidden().getLast().get(":, 0"));
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
        private final Optional<NDArray> mask;
        private final List<NDArray> rates = new ArrayList<>();

        Layer(LayerParameters layer, Coding coding, Optional<NDArray> mask) {
            this.layer = layer;
            this.coding = coding;
            this.mask = mask;
        }

        /** The layer's activity, its attention scores, and the rates of its populations. */
        NDList run(NDArray input) {
            NDArray projected = product(input, layer.projection(), layer.projectionBias());
            NDList attention = attention(projected);
            NDArray attended = product(attention.get(0), layer.attentionOutput(), layer.attentionOutputBias()).add(input);
            NDArray middle = fire(norm(attended, layer.attentionGain(), layer.attentionShift()));
            NDArray wide = fire(Torch.gelu(product(middle, layer.intermediate(), layer.intermediateBias())));
            NDArray narrow = product(wide, layer.output(), layer.outputBias()).add(middle);
            NDList made = new NDList(fire(norm(narrow, layer.outputGain(), layer.outputShift())), attention.get(1));
            made.addAll(rates);
            return made;
        }

        private NDArray fire(NDArray current) {
            NDArray activity = coding.of(current);
            rates.add(mean(activity, coding.steps()));
            return activity;
        }

        /** Context and mean scores. Query stays real; key, value and context are populations. @param projected [steps B, L, 3 hidden] */
        private NDList attention(NDArray projected) {
            long sequences = projected.getShape().get(0);
            long length = projected.getShape().get(1);
            long hidden = parameters.shape().hidden();
            NDList parts = projected.split(new long[] {hidden}, 2);
            NDList keyValue = fire(parts.get(1)).split(2, 2);
            NDArray query = heads(parts.get(0));
            NDArray raw = Torch.times(query, 1 / Math.sqrt(parameters.shape().headSize())).matMul(heads(keyValue.get(0)).transpose(0, 1, 3, 2));
            NDArray masked = mask.map(scores -> raw.add(coding.steps() == 1 ? scores : scores.tile(new long[] {coding.steps(), 1, 1, 1}))).orElse(raw);
            NDArray context = masked.softmax(-1).matMul(heads(keyValue.get(1))).transpose(0, 2, 1, 3).reshape(sequences, length, hidden);
            return new NDList(fire(context), mean(raw, coding.steps()));
        }

        private NDArray heads(NDArray x) {
            return x.reshape(x.getShape().get(0), x.getShape().get(1), parameters.shape().heads(), -1).transpose(0, 2, 1, 3);
        }
    }

    private NDArray product(NDArray input, Parameter weight, Parameter bias) {
        return Torch.linear(input, bits.of(weight.value()), bias.value());
    }

    private NDArray norm(NDArray x, Parameter gain, Parameter shift) {
        return Torch.layerNorm(x, gain.value(), shift.value(), parameters.shape().normEps());
    }
}
