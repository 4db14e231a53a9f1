package io.leanspike;

import io.leanspike.schedule.Mode;
import io.leanspike.schedule.SpikeDensities;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How a model is run. Start from {@link #DEFAULTS} and change what matters:
 * {@code ModelOptions.DEFAULTS.withTimesteps(4).withInitialPotential(0.5)}.
 *
 * @param backend {@code auto}, {@code cpu}, {@code cuda} or {@code reference}
 * @param device for cuda: {@code auto} (all GPUs), {@code 0} or {@code 0,1} (these), {@code soft} (the software GPU)
 * @param threads from 1 to {@value #MOST_THREADS}
 * @param batchSize sequences a batch, at least 1
 * @param timesteps T, once for all layers or once a layer; empty = as the model's config.json says
 * @param initialPotential u0 as a share of the threshold; empty = as config.json says
 * @param densities what share of each population is expected to spike, by which the plan chooses kernels
 */
public record ModelOptions(
        String backend, String device, int threads, int batchSize, Mode mode, List<Integer> timesteps, OptionalDouble initialPotential,
        SpikeDensities densities) {

    public static final int MOST_THREADS = 1024;

    /** The best backend of this machine on all its processors, everything else as the model says. */
    public static final ModelOptions DEFAULTS = new ModelOptions(
            "auto", "auto", Runtime.getRuntime().availableProcessors(), 32, Mode.SPIKING, List.of(), OptionalDouble.empty(),
            SpikeDensities.TYPICAL);

    /** @throws IllegalArgumentException when threads or batchSize is out of range */
    public ModelOptions {
        if (threads < 1 || threads > MOST_THREADS || batchSize < 1) {
            throw new IllegalArgumentException("threads must be from 1 to %d and the batch size at least 1, not %d and %d"
                    .formatted(MOST_THREADS, threads, batchSize));
        }
        timesteps = List.copyOf(timesteps);
    }

    public ModelOptions withBackend(String name) {
        return new ModelOptions(name, device, threads, batchSize, mode, timesteps, initialPotential, densities);
    }

    public ModelOptions withDevice(String name) {
        return new ModelOptions(backend, name, threads, batchSize, mode, timesteps, initialPotential, densities);
    }

    public ModelOptions withThreads(int count) {
        return new ModelOptions(backend, device, count, batchSize, mode, timesteps, initialPotential, densities);
    }

    public ModelOptions withBatchSize(int sequences) {
        return new ModelOptions(backend, device, threads, sequences, mode, timesteps, initialPotential, densities);
    }

    public ModelOptions withMode(Mode how) {
        return new ModelOptions(backend, device, threads, batchSize, how, timesteps, initialPotential, densities);
    }

    /** T for all layers, or one for each. */
    public ModelOptions withTimesteps(Integer... perLayer) {
        return new ModelOptions(backend, device, threads, batchSize, mode, List.of(perLayer), initialPotential, densities);
    }

    public ModelOptions withInitialPotential(double shareOfThreshold) {
        return new ModelOptions(backend, device, threads, batchSize, mode, timesteps, OptionalDouble.of(shareOfThreshold), densities);
    }

    /** For instance {@link io.leanspike.eval.Evaluation#densities()} of an evaluation of the same model. */
    public ModelOptions withDensities(SpikeDensities expected) {
        return new ModelOptions(backend, device, threads, batchSize, mode, timesteps, initialPotential, expected);
    }
}
