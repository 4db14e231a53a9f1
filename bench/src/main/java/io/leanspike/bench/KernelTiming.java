package io.leanspike.bench;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Projection;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One product with a given kernel at a given density, on the caller's thread alone: what is measured is that thread's processor time, which
 * others at work disturb less than they do the clock. It runs through several layers by turns, as a forward pass does:
 * weights that are used again at once would lie in a nearer cache, and spikes that come again and again are something that a branch predictor
 * learns.
 */
final class KernelTiming implements AutoCloseable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** Layers of the model, of weights and spikes of their own. */
    static final int LAYERS = 8;
    private static final Neuron NEURON = new Neuron(1, 1, 0.5, Neuron.Reset.SOFT);

    private final Arena arena = Arena.ofShared();
    private final BatchRun run;
    private final List<KernelCall.SpikeMatmul> calls = new ArrayList<>();

    KernelTiming(ModelConfig config, LoadedModel loaded, Projection projection, CpuMatmul kernel, int tokens, int timesteps, double density) {
        int inputWidth = projection == Projection.OUTPUT ? config.intermediateSize() : config.hiddenSize();
        int outputWidth = projection == Projection.INTERMEDIATE ? config.intermediateSize() : config.hiddenSize();
        run = loaded.begin(new SyntheticBatch(1, tokens).tokens(config.vocabularySize()), Retention.POPULATIONS);
        SplittableRandom random = new SplittableRandom(tokens);
        for (int layer = 0; layer < LAYERS; layer++) {
            KernelCall.SpikeMatmul call = new KernelCall.SpikeMatmul(layer, projection, inputWidth, outputWidth, timesteps, NEURON,
                    new KernelChoice(kernel.toString(), tokens, "tuning"));
            run.write(call.input(), spikes(tokens, timesteps, inputWidth, density, random));
            call.residual().ifPresent(population -> run.write(population, spikes(tokens, timesteps, outputWidth, density, random)));
            calls.add(call);
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

    /** Processor seconds of one product by a backend of one thread: the median over rounds of the mean over all layers, after one round that is not timed. */
    double seconds(int rounds) {
        double[] means = new double[rounds];
        for (int round = -1; round < rounds; round++) {
            long nanos = 0;
            for (KernelCall.SpikeMatmul call : calls) {
                long start = processorNanos();
                run.execute(List.of(call));
                nanos += processorNanos() - start;
            }
            if (round >= 0) {
                means[round] = nanos * 1e-9 / LAYERS;
            }
        }
        return Spread.of(means).median();
    }

    private static long processorNanos() {
        return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }

    @Override
    public void close() {
        run.close();
        arena.close();
    }
}
