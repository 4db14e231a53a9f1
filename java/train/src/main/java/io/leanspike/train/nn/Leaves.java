package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a forward pass reads in place of trained arrays: each in the form it is used in, itself or quantised, as a leaf of the gradient
 * graph. The gradient of the leaf moves the array behind it, so that the form is passed straight through and costs nothing backwards.
 * Leaves hold for one step: the next one has others, without gradients.
 */
public final class Leaves {
    private final Map<NDArray, NDArray> leaves = new IdentityHashMap<>();
    private final boolean isTraining;

    private Leaves(boolean isTraining) {
        this.isTraining = isTraining;
    }

    /** Leaves that gradients are collected of. */
    public static Leaves forTraining() {
        return new Leaves(true);
    }

    /** Leaves of a network that is only run. */
    public static Leaves frozen() {
        return new Leaves(false);
    }

    /** Adds a leaf. @param form the array, outside any gradient graph, to what the forward pass reads */
    public Leaves add(NDArray trained, UnaryOperator<NDArray> form) {
        NDArray leaf = form.apply(trained.stopGradient());
        if (isTraining) {
            leaf.setRequiresGradient(true);
        }
        leaves.put(trained, leaf);
        return this;
    }

    /** @throws IllegalArgumentException when it was not added */
    public NDArray of(Parameter parameter) {
        return of(parameter.value());
    }

    /** @throws IllegalArgumentException when it was not added */
    public NDArray of(NDArray trained) {
        NDArray leaf = leaves.get(trained);
        if (leaf == null) {
            throw new IllegalArgumentException("an array of shape %s has no leaf".formatted(trained.getShape()));
        }
        return leaf;
    }

    /** The gradient behind a backward pass; zeros when the loss does not depend on the array. */
    public NDArray gradient(NDArray trained) {
        return of(trained).getGradient();
    }

    /** {@code x W^T + b} over the last axis. */
    public NDArray linear(NDArray x, Parameter weight, Parameter bias) {
        return Torch.linear(x, of(weight), of(bias));
    }

    /** LayerNorm over the last axis. */
    public NDArray layerNorm(NDArray x, Parameter gain, Parameter shift, float eps) {
        return Torch.layerNorm(x, of(gain), of(shift), eps);
    }
}
