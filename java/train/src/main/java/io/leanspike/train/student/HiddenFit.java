package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Parameter;
import java.util.List;

/** W_fit of one hidden state: a trained map from the student's rates to the teacher's values. Not part of the exported student. */
record HiddenFit(Parameter weight, Parameter bias) {

    /** Starts as the map that undoes {@code scale}. */
    static HiddenFit of(NDManager manager, String name, RateScale scale) {
        int width = scale.gain().length;
        float[] weight = new float[width * width];
        float[] bias = new float[width];
        for (int i = 0; i < width; i++) {
            weight[i * width + i] = (float) (1 / scale.gain()[i]);
            bias[i] = (float) (-scale.offset()[i] / scale.gain()[i]);
        }
        return new HiddenFit(Parameter.of(manager, "fit." + name + ".weight", weight, false, width, width),
                Parameter.of(manager, "fit." + name + ".bias", bias, false, width));
    }

    List<Parameter> all() {
        return List.of(weight, bias);
    }

    /** @param rates [B, L, width] */
    NDArray of(Leaves leaves, NDArray rates) {
        return leaves.linear(rates, weight, bias);
    }
}
