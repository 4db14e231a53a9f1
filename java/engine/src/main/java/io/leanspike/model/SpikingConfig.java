package io.leanspike.model;

import java.util.List;

/**
 * The {@code "spiking"} part of config.json.
 *
 * @param timesteps T of each encoder layer; one entry a layer
 * @param threshold V_th, above 0
 * @param leak lambda, above 0 and at most 1; 1 is IF, below is LIF
 * @param initialPotential u0 as a share of the threshold: u(0-) = u0 * V_th; 0 is SpikingBERT
 */
public record SpikingConfig(List<Integer> timesteps, double threshold, double leak, double initialPotential) {

    public SpikingConfig {
        timesteps = List.copyOf(timesteps);
    }
}
