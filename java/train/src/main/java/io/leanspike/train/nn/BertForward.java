package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.leanspike.backend.Population;
import java.util.ArrayList;
import java.util.List;

/**
 * The ordinary BERT encoder (post-norm, erf GELU) with a linear classifier on the first token.
 *
 * @param leaves what parameters are read as
 * @param dropout rate behind embeddings, attention, feed-forward and before the classifier; 0 outside training
 */
public record BertForward(EncoderParameters parameters, Leaves leaves, float dropout, Probe probe) {
    /** Sees the real values that a spiking network of this shape would have populations for. */
    @FunctionalInterface
    public interface Probe {
        Probe NONE = (population, values) -> {};

        /** @param values [B, L, width]; of {@code intermediate}: before GELU */
        void seen(Population population, NDArray values);

        /** @param sum [B, L, width] of branch and residual, in front of the LayerNorm that makes this population's values */
        default void summed(Population population, NDArray sum) {}
    }

    public BertForward(EncoderParameters parameters, Leaves leaves, float dropout) {
        this(parameters, leaves, dropout, Probe.NONE);
    }

    /** A network that is only run. */
    public static BertForward frozen(EncoderParameters parameters) {
        return new BertForward(parameters, parameters.addTo(Leaves.frozen()), 0);
    }

    public Activations run(TokenTensors batch, WordTable.Rows rows) {
        NDArray x = Torch.dropout(parameters.embed(leaves, batch, rows), dropout);
        probe.seen(Population.EMBEDDING, x);
        List<NDArray> hidden = new ArrayList<>(List.of(x));
        List<NDArray> scores = new ArrayList<>();
        for (int i = 0; i < parameters.layers().size(); i++) {
            int layer = i;
            NDArray input = x;
            NDList made = Torch.keeping(() -> layer(layer, input, batch));
            x = made.get(0);
            hidden.add(x);
            scores.add(made.get(1));
        }
        return new Activations(hidden, scores, List.of());
    }

    /** [B, outputs] */
    public NDArray logits(Activations made) {
        return parameters.classify(leaves, Torch.dropout(made.hidden().getLast().get(":, 0"), dropout));
    }

    /** The layer's output and its attention scores. */
    private NDList layer(int number, NDArray x, TokenTensors batch) {
        NDList scores = new NDList();
        LayerParameters layer = parameters.layers().get(number);
        NDArray context = attention(number, leaves.linear(x, layer.projection(), layer.projectionBias()), batch, scores);
        NDArray attended = Torch.dropout(
                leaves.linear(context, layer.attentionOutput(), layer.attentionOutputBias()), dropout);
        NDArray attendedSum = attended.add(x);
        NDArray middle = leaves.layerNorm(attendedSum, layer.attentionGain(), layer.attentionShift(), parameters.shape().normEps());
        NDArray wide = leaves.linear(middle, layer.intermediate(), layer.intermediateBias());
        NDArray narrow = Torch.dropout(leaves.linear(Torch.gelu(wide), layer.output(), layer.outputBias()), dropout);
        NDArray outputSum = narrow.add(middle);
        NDArray output = leaves.layerNorm(outputSum, layer.outputGain(), layer.outputShift(), parameters.shape().normEps());
        probe.summed(new Population(number, Population.Kind.ATTENTION_OUTPUT), attendedSum);
        probe.seen(new Population(number, Population.Kind.ATTENTION_OUTPUT), middle);
        probe.seen(new Population(number, Population.Kind.INTERMEDIATE), wide);
        probe.summed(new Population(number, Population.Kind.OUTPUT), outputSum);
        probe.seen(new Population(number, Population.Kind.OUTPUT), output);
        return new NDList(output, scores.get(0));
    }

    /** @param projected [B, L, 3 hidden] */
    private NDArray attention(int layer, NDArray projected, TokenTensors batch, NDList scores) {
        int heads = parameters.shape().heads();
        int size = parameters.shape().headSize();
        NDList parts = projected.reshape(batch.sequences(), batch.length(), 3L * heads, size).transpose(0, 2, 1, 3).split(3, 1);
        NDArray raw = Torch.times(parts.get(0), 1 / Math.sqrt(size)).matMul(parts.get(1).transpose(0, 1, 3, 2));
        scores.add(raw);
        NDArray masked = batch.mask().map(raw::add).orElse(raw);
        NDArray context = Torch.dropout(masked.softmax(-1), dropout).matMul(parts.get(2));
        Shape shape = new Shape(batch.sequences(), batch.length(), (long) heads * size);
        NDArray joined = context.transpose(0, 2, 1, 3).reshape(shape);
        if (probe == Probe.NONE) {
            return joined;
        }
        probe.seen(new Population(layer, Population.Kind.KEY), parts.get(1).transpose(0, 2, 1, 3).reshape(shape));
        probe.seen(new Population(layer, Population.Kind.VALUE), parts.get(2).transpose(0, 2, 1, 3).reshape(shape));
        probe.seen(new Population(layer, Population.Kind.CONTEXT), joined);
        return joined;
    }
}
