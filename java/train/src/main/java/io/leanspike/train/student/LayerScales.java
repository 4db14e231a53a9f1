package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Population;
import io.leanspike.train.pretrained.PretrainedEncoder;

/**
 * What one layer's rates are of the teacher's values where a student starts, as arrays to calculate with.
 *
 * @param values of the layer's values and context
 * @param geluFactors [intermediate] that currents in front of GELU are scaled by
 * @param attention the product behind the context, with what it is added to
 * @param output the one behind the intermediate neurons
 */
record LayerScales(Scale values, NDArray geluFactors, Branch attention, Branch output) {

    static LayerScales of(PretrainedEncoder source, NDManager manager, RateScales scales, int layer, RateScale residual) {
        int hidden = source.shape().hidden();
        int wide = source.shape().intermediate();
        String name = "encoder.layer." + layer + ".";
        RateScale values = scales.ofValues(layer);
        double[] factors = scales.geluFactors(layer);
        return new LayerScales(Scale.of(manager, values), manager.create(floats(factors)),
                Branch.of(manager, source.tensor(name + "attention.output.dense.weight", hidden * hidden), residual, values.gain()),
                Branch.of(manager, source.tensor(name + "output.dense.weight", hidden * wide),
                        scales.of(new Population(layer, Population.Kind.ATTENTION_OUTPUT)), factors));
    }

    /** A scale in the teacher's values' place. @param gain [width] @param offset [width] */
    record Scale(NDArray gain, NDArray offset) {
        static Scale of(NDManager manager, RateScale scale) {
            return new Scale(manager.create(floats(scale.gain())), manager.create(floats(scale.offset())));
        }

        /** What rates would be if they had no bounds. */
        NDArray scaled(NDArray values) {
            return values.mul(gain).addi(offset);
        }

        NDArray rates(NDArray values) {
            return scaled(values).clip(0, 1);
        }
    }

    /** @param columns of the branch's matrix, as {@link SpikeNoise#columnSquares} of the student's */
    record Branch(Scale residual, NDArray columns) {
        static Branch of(NDManager manager, float[] weight, RateScale residual, double[] inputGains) {
            int inputs = inputGains.length;
            int outputs = residual.gain().length;
            double[] columns = new double[inputs];
            for (int i = 0; i < weight.length; i++) {
                double scaled = weight[i] * residual.gain()[i / inputs] / inputGains[i % inputs];
                columns[i % inputs] += scaled * scaled / outputs;
            }
            return new Branch(Scale.of(manager, residual), manager.create(floats(columns)));
        }
    }

    private static float[] floats(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }
}
