package io.leanspike.model;

/**
 * The neurons of one population where they differ from the model's others.
 *
 * @param threshold V_th, above 0
 * @param initialPotential u0 as a share of this threshold
 */
public record NeuronSettings(double threshold, double initialPotential) {}
