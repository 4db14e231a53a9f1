package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import java.util.List;

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

    /**
     * Moves the parameters against their gradients and sets these to zero. Call it where no gradients are collected.
     *
     * @param step number of this step, from 1
     * @return the gradient's global norm before it was limited; when it is not finite, nothing was moved, and gradients are zero all the same
     */
    public double step(List<Parameter> parameters, WordTable.Rows words, long step, double learningRate) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<NDArray> gradients = parameters.stream().map(parameter -> parameter.value().getGradient()).toList();
            NDArray wordGradient = words.leaf().getGradient();
            NDList squares = new NDList();
            gradients.forEach(gradient -> squares.add(gradient.square().sum()));
            squares.add(wordGradient.square().sum());
            double norm = Math.sqrt(NDArrays.stack(squares).sum().getFloat());
            if (!Double.isFinite(norm)) {
                // Not by a product: infinity times zero is no number.
                gradients.forEach(gradient -> gradient.zerosLike().copyTo(gradient));
                return norm;
            }
            float scale = (float) Math.min(1, largestNorm / (norm + 1e-6));
            Moments moments = new Moments(step, learningRate);
            for (int i = 0; i < gradients.size(); i++) {
                Parameter parameter = parameters.get(i);
                NDArray gradient = gradients.get(i).muli(scale);
                if (parameter.decays()) {
                    parameter.value().muli(1 - learningRate * weightDecay);
                }
                parameter.value().subi(moments.direction(gradient, parameter.mean(), parameter.variance()));
                gradient.muli(0);
            }
            words.subtract(wordGradient.muli(scale), moments::direction);
            return norm;
        }
    }

    /** The moments of one step, their bias corrected. */
    private final class Moments {
        private final double size;
        private final double root;

        Moments(long step, double learningRate) {
            size = learningRate / (1 - Math.pow(beta1, step));
            root = Math.sqrt(1 - Math.pow(beta2, step));
        }

        /** Updates the moments in place and returns what is to be subtracted. */
        NDArray direction(NDArray gradient, NDArray mean, NDArray variance) {
            mean.muli(beta1).addi(gradient.mul(1 - beta1));
            variance.muli(beta2).addi(gradient.square().muli(1 - beta2));
            return mean.div(variance.sqrt().divi(root).addi(epsilon)).muli(size);
        }
    }
}
