package io.leanspike.bench;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One product with a given kernel at a given density. It runs over several sets of random spikes by turns, as one set again and again is
 * something that a branch predictor learns.
 */
final class KernelTiming implements AutoCloseable {
    private static final int SETS = 8;
    private static final Neuron NEURON = new Neuron(1, 1, 0.5, Neuron.Reset.SOFT);

    private final Arena arena = Arena.ofShared();
    private final BatchRun run;
    private final KernelCall.SpikeMatmul call;
    private final List<SpikeTensor> inputs = new ArrayList<>();

    KernelTiming(ModelConfig config, LoadedModel loaded, Projection projection, CpuMatmul kernel, int tokens, int timesteps, double density) {
        int inputWidth = projection == Projection.OUTPUT ? config.intermediateSize() : config.hiddenSize();
        int outputWidth = projection == Projection.INTERMEDIATE ? config.intermediateSize() : config.hiddenSize();
        run = loaded.begin(new SyntheticBatch(1, tokens).tokens(config.vocabularySize()), Retention.POPULATIONS);
        call = new KernelCall.SpikeMatmul(0, projection, inputWidth, outputWidth, timesteps, NEURON,
                new KernelChoice(kernel.toString(), tokens, "tuning"));
        SplittableRandom random = new SplittableRandom(tokens);
        for (int set = 0; set < SETS; set++) {
            inputs.add(spikes(tokens, timesteps, inputWidth, density, random));
        }
        for (Population population : call.residual().stream().toList()) {
            run.write(population, spikes(tokens, timesteps, outputWidth, density, random));
        }
    }

    private SpikeTensor spikes(int tokens, int timesteps, int width, double density, SplittableRandom random) {
        SpikeTensor spikes = SpikeTensor.allocate(arena, tokens, timesteps, width);
        for (int row = 0; row < tokens; row++) {
            for (int t = 0; t < timesteps; t++) {
                for (int unit = 0; unit < width; unit++) {
                    if (random.nextDouble() < density) {
                        spikes.set(row, t, unit);
                    }
                }
            }
        }
        return spikes;
    }

    /** Seconds of one product: the median over rounds of the mean over all sets, after one round that is not timed. */
    double seconds(int rounds) {
        double[] means = new double[rounds];
        for (int round = -1; round < rounds; round++) {
            long nanos = 0;
            for (SpikeTensor input : inputs) {
                run.write(call.input(), input);
                long start = System.nanoTime();
                run.execute(List.of(call));
                nanos += System.nanoTime() - start;
            }
            if (round >= 0) {
                means[round] = nanos * 1e-9 / SETS;
            }
        }
        return Spread.of(means).median();
    }

    @Override
    public void close() {
        run.close();
        arena.close();
    }
}
