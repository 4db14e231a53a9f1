package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.TaskScore;
import io.leanspike.train.loop.Loss;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a student is from its teacher and from the true answers. Hidden states and attention scores are compared by the mean
 * squared error over live tokens, divided by the mean square of the teacher's, so that one weight suits all layers and teachers.
 */
record DistillationLoss(StudentSettings settings, List<HiddenFit> fits, TaskExamples examples) {

    /** @param golds of the batch, as {@link TaskScore#golds} makes them */
    Loss of(Activations student, Activations teacher, TokenTensors batch, NDArray golds) {
        StudentSettings.LossWeights weights = settings.weights();
        Map<String, NDArray> parts = new LinkedHashMap<>();
        NDArray total = golds.getManager().create(0f);
        if (weights.label() > 0) {
            parts.put("label", TaskScore.loss(examples, student.logits(), golds));
            total = total.add(Torch.times(parts.get("label"), weights.label()));
        }
        if (weights.prediction() > 0) {
            parts.put("prediction", prediction(student.logits(), teacher.logits()));
            total = total.add(Torch.times(parts.get("prediction"), weights.prediction()));
        }
        if (weights.hidden() > 0) {
            parts.put("hidden", hidden(student, teacher, batch));
            total = total.add(Torch.times(parts.get("hidden"), weights.hidden()));
        }
        if (weights.attention() > 0) {
            parts.put("attention", attention(student, teacher, batch));
            total = total.add(Torch.times(parts.get("attention"), weights.attention()));
        }
        if (weights.settling() > 0) {
            parts.put("settling", settling(student));
            total = total.add(Torch.times(parts.get("settling"), weights.settling()));
        }
        return new Loss(total, parts);
    }

    /** Soft cross-entropy at the temperature, times its square (arXiv 1503.02531); squared error for regression. */
    private NDArray prediction(NDArray student, NDArray teacher) {
        if (examples.task().isRegression()) {
            return student.sub(teacher).square().mean();
        }
        double temperature = settings.weights().temperature();
        NDArray target = teacher.div(temperature).softmax(-1);
        NDArray logs = Torch.times(student, 1 / temperature).logSoftmax(-1);
        return Torch.times(target.mul(logs).sum(new int[] {-1}).mean(), -temperature * temperature);
    }

    private NDArray hidden(Activations student, Activations teacher, TokenTensors batch) {
        NDArray sum = batch.live().getManager().create(0f);
        for (int i = 0; i < fits.size(); i++) {
            int of = i == 0 ? 0 : settings.layers().get(i - 1) + 1;
            sum = sum.add(relativeError(fits.get(i).of(student.hidden().get(i)), teacher.hidden().get(of), batch.live()));
        }
        return Torch.times(sum, 1.0 / fits.size());
    }

    private NDArray attention(Activations student, Activations teacher, TokenTensors batch) {
        NDArray queries = batch.live().expandDims(1);
        NDArray pairs = queries.mul(queries.transpose(0, 1, 3, 2));
        NDArray sum = batch.live().getManager().create(0f);
        for (int i = 0; i < settings.layers().size(); i++) {
            sum = sum.add(relativeError(student.scores().get(i), teacher.scores().get(settings.layers().get(i)), pairs));
        }
        return Torch.times(sum, 1.0 / settings.layers().size());
    }

    private static NDArray settling(Activations student) {
        NDArray sum = student.logits().getManager().create(0f);
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
