package io.leanspike.backend.reference;

import io.leanspike.model.LinearWeights;
import io.leanspike.tensor.SpikeTensor;
import io.leanspike.tensor.WeightMatrix;

/** A linear layer with its weights transposed to [inputs, outputs], so that one input's weights lie together. */
final class Accumulation {
    private final float[][] weightsOfInput;
    private final float[] bias;

    Accumulation(LinearWeights linear) {
        WeightMatrix weight = linear.weight();
        weightsOfInput = new float[weight.columns()][weight.rows()];
        for (int n = 0; n < weight.rows(); n++) {
            for (int k = 0; k < weight.columns(); k++) {
                weightsOfInput[k][n] = (float) weight.get(n, k);
            }
        }
        bias = linear.bias();
    }

    int outputs() {
        return bias.length;
    }

    /** bias + sum of the weights of the inputs that spike at (row, timestep). */
    double[] ofSpikes(SpikeTensor spikes, int row, int timestep) {
        double[] sum = biasAsDouble();
        for (int k = 0; k < weightsOfInput.length; k++) {
            if (spikes.get(row, timestep, k)) {
                float[] weights = weightsOfInput[k];
                for (int n = 0; n < sum.length; n++) {
                    sum[n] += weights[n];
                }
            }
        }
        return sum;
    }

    /** bias + weights . rates of the row. */
    double[] ofRates(double[] rates, int row) {
        double[] sum = biasAsDouble();
        int base = row * weightsOfInput.length;
        for (int k = 0; k < weightsOfInput.length; k++) {
            double rate = rates[base + k];
            float[] weights = weightsOfInput[k];
            for (int n = 0; n < sum.length; n++) {
                sum[n] += rate * weights[n];
            }
        }
        return sum;
    }

    private double[] biasAsDouble() {
        double[] sum = new double[bias.length];
        for (int n = 0; n < sum.length; n++) {
            sum[n] = bias[n];
        }
        return sum;
    }
}
