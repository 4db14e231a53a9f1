package io.leanspike.eval;

import io.leanspike.backend.Population;

/**
 * What a population did over an evaluation.
 *
 * @param timesteps T_l; the most where sequences ran with several
 * @param width units a token
 * @param tokens tokens seen, padding excluded; once for each time that a sequence ran
 * @param tokenSteps timesteps of all of these tokens together
 * @param spikes all spikes of all units over all tokens and timesteps
 */
public record PopulationActivity(Population population, int timesteps, int width, long tokens, long tokenSteps, long spikes) {

    /**
     * Share of (token, unit, timestep) places that spike, from 0 to 1. It is the mean over units and tokens of the average spiking rate
     * ASR = spikes / T.
     */
    public double density() {
        return (double) spikes / ((double) tokenSteps * width);
    }

    PopulationActivity plus(PopulationActivity more) {
        return new PopulationActivity(population, Math.max(timesteps, more.timesteps), width, tokens + more.tokens,
                tokenSteps + more.tokenSteps, spikes + more.spikes);
    }
}
