package io.leanspike.eval;

import io.leanspike.backend.Population;

/**
 * What a population did over an evaluation.
 *
 * @param timesteps T_l
 * @param width units a token
 * @param tokens tokens seen, padding excluded
 * @param spikes all spikes of all units over all tokens and timesteps
 */
public record PopulationActivity(Population population, int timesteps, int width, long tokens, long spikes) {

    /**
     * Share of (token, unit, timestep) places that spike, from 0 to 1. It is the mean over units and tokens of the average spiking rate
     * ASR = spikes / T.
     */
    public double density() {
        return (double) spikes / ((double) tokens * width * timesteps);
    }

    PopulationActivity plus(long moreTokens, long moreSpikes) {
        return new PopulationActivity(population, timesteps, width, tokens + moreTokens, spikes + moreSpikes);
    }
}
