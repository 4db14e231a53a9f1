package io.leanspike.train.student;

/**
 * How a student becomes discrete while it trains. In the forward pass a matrix is {@code (1 - h) W + h quantised(W)}, a neuron's activity
 * {@code (1 - h) clamp(I, 0, 1) + h spike}, with h rising evenly from 0 to 1. A student that is discrete at once starts far from its
 * teacher and loses what pretraining gave it.
 *
 * @param weights share of the training after which matrices are quantised; 0: from the start
 * @param neurons share of the training after which neurons spike (or have the rates of T steps); 0: from the start
 */
public record Hardening(double weights, double neurons) {
    /** Discrete from the start. */
    public static final Hardening NONE = new Hardening(0, 0);

    /** @throws IllegalArgumentException when a share is not from 0 to 1 */
    public Hardening {
        if (!(weights >= 0 && weights <= 1 && neurons >= 0 && neurons <= 1)) {
            throw new IllegalArgumentException("hardening over %s and %s of a training".formatted(weights, neurons));
        }
    }

    /** h of matrices. @param progress share of the training that is done */
    double ofWeights(double progress) {
        return at(weights, progress);
    }

    /** h of neurons. @param progress share of the training that is done */
    double ofNeurons(double progress) {
        return at(neurons, progress);
    }

    /** Whether the student is what it is to be in the end. */
    boolean isComplete(double progress) {
        return progress >= Math.max(weights, neurons);
    }

    private static double at(double until, double progress) {
        return progress >= until ? 1 : progress / until;
    }
}
