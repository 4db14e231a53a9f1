package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import io.leanspike.train.nn.Torch;

/**
 * What spikes do to a step's currents that rates do not tell. A spike train of rate a is 0 or 1 at every step, with variance
 * {@code a (1 - a)} over the steps, taken as independent between neurons. It evens out where currents are summed over time; before that
 * it goes through LayerNorm, which divides by a deviation that holds the noise, through softmax, which it makes softer, and through
 * GELU, which it smooths.
 */
final class SpikeNoise {
    private static final double NORMAL = 1 / Math.sqrt(2 * Math.PI);

    private SpikeNoise() {}

    /** @param rates from 0 to 1 */
    static NDArray variance(NDArray rates) {
        return rates.sub(rates.square());
    }

    /** [inputs] mean over the outputs of a matrix's squares. @param weight [outputs, inputs] */
    static NDArray columnSquares(NDArray weight) {
        return weight.square().mean(new int[] {0});
    }

    /**
     * Noise of a branch with its residual, the mean over the units.
     *
     * @param branch rates [B, L, inputs] that the branch reads @param columns [inputs] its {@link #columnSquares}
     * @param residual rates [B, L, width]
     * @return [B, L, 1]
     */
    static NDArray ofSum(NDArray branch, NDArray columns, NDArray residual) {
        int[] units = {-1};
        return variance(branch).mul(columns).sum(units, true).add(variance(residual).mean(units, true));
    }

    /** {@code (x - mean) / sqrt(variance + noise + eps)} over the last axis. @param noise [B, L, 1] */
    static NDArray normalised(NDArray x, NDArray noise, double eps) {
        int[] units = {-1};
        NDArray centred = x.sub(x.mean(units, true));
        return centred.div(centred.square().mean(units, true).add(noise).add(eps).sqrt());
    }

    /**
     * What a query's scores are divided by so that their softmax is about its mean over the keys' noise: {@code sqrt(1 + pi / 8 variance)},
     * as for a sigmoid (MacKay, Neural Computation 4, 1992).
     *
     * @param queries [B, heads, L, size], scaled @param keys [B, heads, 1, size] noise of the keys, the mean over them
     * @return [B, heads, L, 1]
     */
    static NDArray softening(NDArray queries, NDArray keys) {
        NDArray variance = queries.square().mul(keys).sum(new int[] {-1}, true);
        return Torch.times(variance, Math.PI / 8).add(1).sqrt();
    }

    /**
     * Mean of GELU over normal noise: with {@code s = sqrt(1 + variance)}, {@code s GELU(x / s) + variance / s phi(x / s)}.
     *
     * @param variance of the same shape as x, or one that it broadcasts from
     */
    static NDArray gelu(NDArray x, NDArray variance) {
        NDArray scale = variance.add(1).sqrt();
        NDArray reduced = x.div(scale);
        NDArray density = Torch.times(Torch.times(reduced.square(), -0.5).exp(), NORMAL);
        return scale.mul(Torch.gelu(reduced)).add(variance.div(scale).mul(density));
    }
}
