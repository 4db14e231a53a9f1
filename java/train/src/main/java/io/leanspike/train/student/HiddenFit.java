package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Parameter;
import java.util.List;

/**
 * W_fit of one hidden state: a trained map from the student's rates to the rates that stand for the teacher's values, in which all units
 * vary alike. Not part of the exported student.
 *
 * @param scale how rates stand for the teacher's values
 */
record HiddenFit(Parameter weight, Parameter bias, LayerScales.Scale scale) {

    /** Starts as the identity. */
    static HiddenFit of(NDManager manager, String name, RateScale scale) {
        int width = scale.gain().length;
        float[] weight = new float[width * width];
        for (int i = 0; i < width; i++) {
            weight[i * width + i] = 1;
        }
        return new HiddenFit(Parameter.of(manager, "fit." + name + ".rates.weight", weight, false, width, width),
                Parameter.of(manager, "fit." + name + ".rates.bias", new float[width], false, width),
                LayerScales.Scale.of(manager, scale));
    }

    List<Parameter> all() {
        return List.of(weight, bias);
    }

    /**
     * Share of the variance of the teacher's values that the student's rates leave unexplained, all units alike.
     *
     * @param rates [B, L, width] @param values [B, L, width] @param live [B, L, 1]
     */
    NDArray unexplained(Leaves leaves, NDArray rates, NDArray values, NDArray live) {
        NDArray wanted = scale.scaled(values);
        NDArray error = leaves.linear(rates, weight, bias).sub(wanted).mul(live).square().mean();
        return error.div(wanted.subi(RateScale.CENTRE).muli(live).square().mean());
    }
}
