package io.leanspike.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code "spiking"} part of config.json.
 *
 * @param timesteps T of each encoder layer; one entry a layer
 * @param threshold V_th, above 0
 * @param leak lambda, above 0 and at most 1; 1 is IF, below is LIF
 * @param initialPotential u0 as a share of the threshold: u(0-) = u0 * V_th; 0 is SpikingBERT
 * @param populations neurons of their own by the name of their population ({@code layer.0.key}); the others have the values above. A
 *     threshold cannot be folded into weights instead: behind a LayerNorm or GELU a current is not proportional to them
 */
public record SpikingConfig(List<Integer> timesteps, double threshold, double leak, double initialPotential,
        Map<String, NeuronSettings> populations) {

    public SpikingConfig {
        timesteps = List.copyOf(timesteps);
        populations = Map.copyOf(populations);
    }

    /** The same neurons in all populations. */
    public SpikingConfig(List<Integer> timesteps, double threshold, double leak, double initialPotential) {
        this(timesteps, threshold, leak, initialPotential, Map.of());
    }

    /** The neurons of a population. */
    public NeuronSettings neurons(String population) {
        return populations.getOrDefault(population, new NeuronSettings(threshold, initialPotential));
    }

    /** With this initial potential in all populations, thresholds as they are. */
    public SpikingConfig withInitialPotential(double everywhere) {
        Map<String, NeuronSettings> changed = new LinkedHashMap<>();
        populations.forEach((name, neurons) -> changed.put(name, new NeuronSettings(neurons.threshold(), everywhere)));
        return new SpikingConfig(timesteps, threshold, leak, everywhere, changed);
    }

    public SpikingConfig withPopulations(Map<String, NeuronSettings> others) {
        return new SpikingConfig(timesteps, threshold, leak, initialPotential, others);
    }
}
