package io.leanspike.eval;

/**
 * Arithmetic of an evaluation, from measured spikes; the formulas stand in {@link io.leanspike.account.Operations} and
 * {@link io.leanspike.account.EnergyModel}.
 *
 * @param synapticOperations accumulates caused by spikes through live weights; 0 at equilibrium, which has none
 * @param fanOutOperations the same with weights of 0 counted as well
 * @param countsLiveWeights false where the backend could not tell weights of 0 apart: then synapticOperations counts some of them
 * @param macs multiply-accumulates on real operands: the classifier, and at equilibrium everything
 * @param denseMacs multiply-accumulates of a dense network of the same shape on the same tokens
 * @param joules energy of synapticOperations and macs
 * @param denseJoules energy of denseMacs
 */
public record Cost(long synapticOperations, long fanOutOperations, boolean countsLiveWeights, long macs, long denseMacs, double joules,
        double denseJoules) {}
