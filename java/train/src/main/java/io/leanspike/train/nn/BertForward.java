package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The ordinary BERT encoder (post-norm, erf GELU) with a linear classifier on the first token.
 *
 * @param dropout rate behind embeddings, attention, feed-forward and before the classifier; 0 outside training
 */
public record BertForward(EncoderParameters parameters, float dropout) {

    public Activations run(TokenTensors batch, WordTable.Rows rows) {
        NDArray x = Torch.dropout(parameters.embed(batch, rows), dropout);
        List<NDArray> hidden = new ArrayList<>(List.of(x));
        List<NDArray> scores = new ArrayList<>();
        for (LayerParameters layer : parameters.layers()) {
            x = layer(layer, x, batch, scores);
            hidden.add(x);
        }
        NDArray first = Torch.dropout(x.get(":, 0"), dropout);
        NDArray logits = Torch.linear(first, parameters.classifier().value(), parameters.classifierBias().value());
        return new Activations(logits, hidden, scores);
    }

    private NDArray layer(LayerParameters layer, NDArray x, TokenTensors batch, List<NDArray> scores) {
        NDArray context = attention(Torch.linear(x, layer.projection().value(), layer.projectionBias().value()), batch, scores);
        NDArray attended = Torch.dropout(
                Torch.linear(context, layer.attentionOutput().value(), layer.attentionOutputBias().value()), dropout);
        NDArray middle = norm(attended.add(x), layer.attentionGain(), layer.attentionShift());
        NDArray wide = Torch.gelu(Torch.linear(middle, layer.intermediate().value(), layer.intermediateBias().value()));
        NDArray narrow = Torch.dropout(Torch.linear(wide, layer.output().value(), layer.outputBias().value()), dropout);
        return norm(narrow.add(middle), layer.outputGain(), layer.outputShift());
    }

    private NDArray norm(NDArray x, Parameter gain, Parameter shift) {
        return Torch.layerNorm(x, gain.value(), shift.value(), parameters.shape().normEps());
    }

    /** @param projected [B, L, 3 hidden] */
    private NDArray attention(NDArray projected, TokenTensors batch, List<NDArray> scores) {
        int heads = parameters.shape().heads();
        int size = parameters.shape().headSize();
        NDList parts = projected.reshape(batch.sequences(), batch.length(), 3L * heads, size).transpose(0, 2, 1, 3).split(3, 1);
        NDArray raw = parts.get(0).mul(1 / Math.sqrt(size)).matMul(parts.get(1).transpose(0, 1, 3, 2));
        scores.add(raw);
        NDArray masked = batch.mask().map(raw::add).orElse(raw);
        NDArray context = Torch.dropout(masked.softmax(-1), dropout).matMul(parts.get(2));
        return context.transpose(0, 2, 1, 3).reshape(new Shape(batch.sequences(), batch.length(), (long) heads * size));
    }
}
