package io.leanspike.backend;

/**
 * The neuron of a population: {@code u += I(t); s = u >= threshold;} then the reset.
 *
 * @param threshold V_th, above 0
 * @param leak lambda, in (0, 1]; 1 is IF, below is LIF
 * @param initialPotential u(0-) in the units of the potential (u0 * V_th)
 */
public record Neuron(double threshold, double leak, double initialPotential, Reset reset) {

    /** How a membrane falls back after a spike. */
    public enum Reset {
        /** {@code u = leak * (u - threshold * s)} */
        SOFT,
        /** {@code u = leak * u * (1 - s)} */
        HARD
    }
}
