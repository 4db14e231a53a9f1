package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Adam with decoupled weight decay (arXiv 1711.05101) behind a limit on the gradient's global norm. The word embeddings take
 * part through the rows of the batch alone, as in PyTorch's SparseAdam.
 *
 * @param weightDecay share of a weight that a step at learning rate 1 would take away
 * @param largestNorm gradients whose norm over all parameters is larger are scaled down to it
 */
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay, double largestNorm) {

    public static AdamW withDecay(double weightDecay) {
        return new AdamW(0.9, 0.999, 1e-8, weightDecay, 1.0);
    }

    /** Elements that are moved at a time: with gradient, moments and what is computed in between they stay in a core's cache. */
    private static final long CHUNK = 1 << 15;

    /**
     * Moves the parameters against their gradients. Call it where no gradients are collected.
     *
     * @param leaves that the gradients were collected of
     * @param step number of this step, from 1
     * @return the gradient's global norm before it was limited; when it is not finite, nothing was moved
     */
    public double step(List<Parameter> parameters, Leaves leaves, WordTable.Rows words, long step, double learningRate) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<NDArray> gradients = parameters.stream().map(parameter -> leaves.gradient(parameter.value())).toList();
            NDList norms = new NDList();
            gradients.forEach(gradient -> norms.add(gradient.norm()));
            norms.add(words.leaf().getGradient().norm());
            double norm = NDArrays.stack(norms).norm().getFloat();
            if (!Double.isFinite(norm)) {
                return norm;
            }
            Update update = new Update(step, learningRate, Math.min(1, largestNorm / (norm + 1e-6)));
            for (int i = 0; i < gradients.size(); i++) {
                Parameter parameter = parameters.get(i);
                if (parameter.decays()) {
                    parameter.value().muli(1 - learningRate * weightDecay);
                }
                update.move(parameter.value(), gradients.get(i), parameter.mean(), parameter.variance());
            }
            words.move(update);
            return norm;
        }
    }

    /** One step of Adam, its bias corrected, by PyTorch's in-place operations behind one native call a chunk. */
    private final class Update implements WordTable.Update {
        private final double rate;
        private final double eps;
        private final double scale;

        /** @param scale of gradients */
        Update(long step, double learningRate, double scale) {
            // m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps), with both corrections taken into rate and eps.
            double root = Math.sqrt(1 - Math.pow(beta2, step));
            rate = learningRate * root / (1 - Math.pow(beta1, step));
            eps = epsilon * root;
            this.scale = scale;
        }

        @Override
        public void move(NDArray value, NDArray gradient, NDArray mean, NDArray variance) {
            NDList values = chunks(value);
            NDList gradients = chunks(gradient);
            NDList means = chunks(mean);
            NDList variances = chunks(variance);
            for (int i = 0; i < values.size(); i++) {
                JniUtils.adamUpdate((PtNDArray) values.get(i), (PtNDArray) gradients.get(i), (PtNDArray) means.get(i),
                        (PtNDArray) variances.get(i), (float) rate, (float) rate, 0, (float) scale, -1, (float) beta1, (float) beta2,
                                (float) eps, true);
            }
        }

        private static NDList chunks(NDArray array) {
            NDArray flat = array.reshape(-1);
            if (array.size() <= CHUNK || array.getDevice().isGpu()) {
                return new NDList(flat);
            }
            return flat.split(LongStream.iterate(CHUNK, at -> at < array.size(), at -> at + CHUNK).toArray(), 0);
        }
    }
}
