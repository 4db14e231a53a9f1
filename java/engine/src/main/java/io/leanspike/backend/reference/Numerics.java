package io.leanspike.backend.reference;

import org.apache.commons.numbers.gamma.Erf;

/** The scalar mathematics of the model, in float64. */
final class Numerics {
    private static final double SQRT_HALF = Math.sqrt(0.5);

    private Numerics() {}

    /** GELU by the error function: x * Phi(x). */
    static double gelu(double x) {
        return 0.5 * x * (1 + Erf.value(x * SQRT_HALF));
    }

    /** LayerNorm in place; biased variance, eps inside the root. */
    static void layerNorm(double[] x, float[] weight, float[] bias, double eps) {
        double mean = 0;
        for (double v : x) {
            mean += v;
        }
        mean /= x.length;
        double variance = 0;
        for (double v : x) {
            variance += (v - mean) * (v - mean);
        }
        double inverse = 1 / Math.sqrt(variance / x.length + eps);
        for (int i = 0; i < x.length; i++) {
            x[i] = (x[i] - mean) * inverse * weight[i] + bias[i];
        }
    }

    /** Softmax in place over the first {@code length} entries. */
    static void softmax(double[] x, int length) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, x[i]);
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            x[i] = Math.exp(x[i] - max);
            sum += x[i];
        }
        for (int i = 0; i < length; i++) {
            x[i] /= sum;
        }
    }

    /** The neuron at equilibrium: its rate for a constant current. */
    static double rate(double current, double threshold) {
        return Math.clamp(current / threshold, 0.0, 1.0);
    }
}
