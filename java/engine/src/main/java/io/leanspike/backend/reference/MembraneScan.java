package io.leanspike.backend.reference;

import io.leanspike.backend.Neuron;
import io.leanspike.backend.Population;
import io.leanspike.tensor.SpikeTensor;
import java.util.Arrays;

/** The membranes of one row (token) of a population while time advances, how close each came to its threshold, and its currents' sum. */
final class MembraneScan {
    private final Neuron neuron;
    private final SpikeTensor spikes;
    private final int row;
    private final double[] potential;
    private final double[] margins;
    private final double[] accumulated;

    /** Of a population that the run has made silent. */
    MembraneScan(Neuron neuron, ReferenceRun run, Population population, int row) {
        this.neuron = neuron;
        this.spikes = run.spikes(population);
        this.row = row;
        this.margins = run.margins(population);
        this.accumulated = run.accumulated(population);
        this.potential = new double[spikes.width()];
        Arrays.fill(potential, neuron.initialPotential());
    }

    void step(int timestep, double[] current) {
        double threshold = neuron.threshold();
        double leak = neuron.leak();
        int base = row * potential.length;
        for (int j = 0; j < potential.length; j++) {
            double u = potential[j] + current[j];
            boolean fires = u >= threshold;
            accumulated[base + j] += current[j];
            margins[base + j] = Math.min(margins[base + j], Math.abs(u - threshold));
            if (fires) {
                spikes.set(row, timestep, j);
            }
            potential[j] = switch (neuron.reset()) {
                case SOFT -> leak * (fires ? u - threshold : u);
                case HARD -> fires ? 0 : leak * u;
            };
        }
    }
}
