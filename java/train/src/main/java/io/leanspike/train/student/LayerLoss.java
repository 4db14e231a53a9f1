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
 * How far a student's layers are from its teacher's. Hidden states and attention scores are compared by the mean squared error over live
 * tokens, divided by the mean square of the teacher's, so that one weight suits all layers and teachers.
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

    /** Relative error of the hidden states, the mean over embedding and layers. */
    NDArray hidden(Activations student, Activations teacher, TokenTensors batch) {
        NDArray sum = batch.live().getManager().create(0f);
        for (int i = 0; i < fits.size(); i++) {
            int of = i == 0 ? 0 : settings.layers().get(i - 1) + 1;
            sum = sum.add(relativeError(fits.get(i).of(leaves, student.hidden().get(i)), teacher.hidden().get(of), batch.live()));
        }
        return Torch.times(sum, 1.0 / fits.size());
    }

    /** Relative error of the attention scores, the mean over layers. */
    NDArray attention(Activations student, Activations teacher, TokenTensors batch) {
        NDArray queries = batch.live().expandDims(1);
        NDArray pairs = queries.mul(queries.transpose(0, 1, 3, 2));
        NDArray sum = batch.live().getManager().create(0f);
        for (int i = 0; i < settings.layers().size(); i++) {
            NDArray counted = masks.isEmpty() ? pairs : pairs.mul(masks.get(i).headsKept().expandDims(-1));
            sum = sum.add(relativeError(student.scores().get(i), teacher.scores().get(settings.layers().get(i)), counted));
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

    private static NDArray relativeError(NDArray student, NDArray teacher, NDArray live) {
        NDArray error = student.sub(teacher).mul(live).square().mean();
        return error.div(teacher.mul(live).square().mean());
    }
}
