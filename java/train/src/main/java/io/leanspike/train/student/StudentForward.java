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
public record StudentForward(EncoderParameters parameters, Coding coding, WeightBits bits) {

    /** Hidden states and scores are means over the timesteps; padding is included. */
    public Activations run(TokenTensors batch, WordTable.Rows rows) {
        int steps = coding.steps();
        NDArray embedding = parameters.embed(batch, rows, ByteRows::of);
        Optional<NDArray> mask = batch.mask().map(scores -> steps == 1 ? scores : scores.tile(new long[] {steps, 1, 1, 1}));
        List<NDArray> rates = new ArrayList<>();
        NDArray activity = fire(steps == 1 ? embedding : embedding.tile(new long[] {steps, 1, 1}), rates);
        List<NDArray> hidden = new ArrayList<>(List.of(rates.getLast()));
        List<NDArray> scores = new ArrayList<>();
        for (LayerParameters layer : parameters.layers()) {
            NDArray input = activity;
            NDList made = Torch.keeping(() -> layer(layer, input, mask));
            activity = made.get(0);
            scores.add(made.get(1));
            rates.addAll(made.subList(2, made.size()));
            hidden.add(rates.getLast());
        }
        NDArray first = hidden.getLast().get(":, 0");
        NDArray logits = Torch.linear(first, parameters.classifier().value(), parameters.classifierBias().value());
        return new Activations(logits, hidden, scores, rates);
    }

    private NDArray fire(NDArray current, List<NDArray> rates) {
        NDArray activity = coding.of(current);
        rates.add(mean(activity));
        return activity;
    }

    /** [steps B, ...] to [B, ...]. */
    private NDArray mean(NDArray values) {
        int steps = coding.steps();
        if (steps == 1) {
            return values;
        }
        Shape shape = values.getShape();
        return values.reshape(new Shape(steps, shape.get(0) / steps).addAll(shape.slice(1))).mean(new int[] {0});
    }

    /** The layer's activity, its attention scores, and the rates of its populations. */
    private NDList layer(LayerParameters layer, NDArray input, Optional<NDArray> mask) {
        List<NDArray> scores = new ArrayList<>();
        List<NDArray> rates = new ArrayList<>();
        NDArray projected = product(input, layer.projection(), layer.projectionBias());
        NDArray context = attention(projected, mask, scores, rates);
        NDArray attended = product(context, layer.attentionOutput(), layer.attentionOutputBias()).add(input);
        NDArray middle = fire(norm(attended, layer.attentionGain(), layer.attentionShift()), rates);
        NDArray wide = fire(Torch.gelu(product(middle, layer.intermediate(), layer.intermediateBias())), rates);
        NDArray narrow = product(wide, layer.output(), layer.outputBias()).add(middle);
        NDList made = new NDList(fire(norm(narrow, layer.outputGain(), layer.outputShift()), rates));
        made.addAll(scores);
        made.addAll(rates);
        return made;
    }

    private NDArray product(NDArray input, Parameter weight, Parameter bias) {
        return Torch.linear(input, bits.of(weight.value()), bias.value());
    }

    private NDArray norm(NDArray x, Parameter gain, Parameter shift) {
        return Torch.layerNorm(x, gain.value(), shift.value(), parameters.shape().normEps());
    }

    /** Query stays real; key, value and context are populations. @param projected [steps B, L, 3 hidden] */
    private NDArray attention(NDArray projected, Optional<NDArray> mask, List<NDArray> scores, List<NDArray> rates) {
        long sequences = projected.getShape().get(0);
        long length = projected.getShape().get(1);
        long hidden = parameters.shape().hidden();
        long heads = parameters.shape().heads();
        NDList parts = projected.split(new long[] {hidden}, 2);
        NDArray query = heads(parts.get(0), sequences, length, heads);
        NDList keyValue = fire(parts.get(1), rates).split(2, 2);
        NDArray key = heads(keyValue.get(0), sequences, length, heads);
        NDArray value = heads(keyValue.get(1), sequences, length, heads);
        NDArray raw = query.mul(1 / Math.sqrt(parameters.shape().headSize())).matMul(key.transpose(0, 1, 3, 2));
        scores.add(mean(raw));
        NDArray context = mask.map(raw::add).orElse(raw).softmax(-1).matMul(value);
        return fire(context.transpose(0, 2, 1, 3).reshape(sequences, length, hidden), rates);
    }

    private static NDArray heads(NDArray x, long sequences, long length, long heads) {
        return x.reshape(sequences, length, heads, -1).transpose(0, 2, 1, 3);
    }
}
