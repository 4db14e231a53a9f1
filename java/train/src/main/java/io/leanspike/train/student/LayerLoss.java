package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import io.leanspike.train.loop.Loss;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.prune.LayerMasks;
import io.leanspike.train.nn.Torch;
import java.util.List;

/**
 * How far a student's layers are from its teacher's, over live tokens: the share of the variance of hidden states that is not
 * explained, and the squared error of attention scores over the teacher's squares, so that one weight suits all layers and teachers. What a query's scores
 * have in common is left out of both, as softmax ignores it.
 *
 * @param masks one a layer, or none: scores of heads that are gone do not count
 * @param leaves what the fits are read as
 * @param fits of the embedding and of each layer's output; empty when hidden states have no weight
 */
record LayerLoss(StudentSettings settings, Leaves leaves, List<HiddenFit> fits, List<LayerMasks> masks) {

    void addTo(Loss.Sum sum, Activations student, Activations teacher, TokenTensors batch) {
        sum.add("hidden", settings.weights().hidden(), () -> hidden(student, teacher, batch))
                .add("attention", settings.weights().attention(), () -> attention(student, teacher, batch))
                .add("settling", settings.weights().settling(), () -> settling(student));
    }

    /** Unexplained share of the variance of the hidden states, the mean over embedding and layers. */
    NDArray hidden(Activations student, Activations teacher, TokenTensors batch) {
        NDArray sum = batch.live().getManager().create(0f);
        for (int i = 0; i < fits.size(); i++) {
            int of = i == 0 ? 0 : settings.layers().get(i - 1) + 1;
            sum = sum.add(fits.get(i).unexplained(leaves, student.hidden().get(i), teacher.hidden().get(of), batch.live()));
        }
        return Torch.times(sum, 1.0 / fits.size());
    }

    /** Relative error of the attention scores, the mean over layers. */
    NDArray attention(Activations student, Activations teacher, TokenTensors batch) {
        NDArray queries = batch.live().expandDims(1);
        NDArray keys = queries.transpose(0, 1, 3, 2);
        NDArray shares = keys.div(keys.sum(new int[] {3}, true));
        NDArray pairs = queries.mul(keys);
        NDArray sum = batch.live().getManager().create(0f);
        for (int i = 0; i < settings.layers().size(); i++) {
            NDArray counted = masks.isEmpty() ? pairs : pairs.mul(masks.get(i).headsKept().expandDims(-1));
            NDArray target = centred(teacher.scores().get(settings.layers().get(i)), shares).muli(counted);
            NDArray error = centred(student.scores().get(i), shares).mul(counted).sub(target).square().mean();
            sum = sum.add(error.div(target.square().mean()));
        }
        return Torch.times(sum, 1.0 / settings.layers().size());
    }

    private static NDArray settling(Activations student) {
        NDArray sum = student.rates().getFirst().getManager().create(0f);
        for (NDArray rates : student.rates()) {
            sum = sum.add(rates.sub(rates.square()).mean());
        }
        return Torch.times(sum, 4.0 / student.rates().size());
    }

    /** Without each query's mean over live keys. @param scores [B, heads, L, L] @param shares [B, 1, 1, L] of each key in the mean */
    private static NDArray centred(NDArray scores, NDArray shares) {
        return scores.sub(scores.mul(shares).sum(new int[] {3}, true));
    }
}
