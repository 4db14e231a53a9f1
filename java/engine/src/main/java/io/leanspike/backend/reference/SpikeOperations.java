package io.leanspike.backend.reference;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.tensor.SpikeTensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** The spiking operations, each as MODEL.md writes it. */
final class SpikeOperations {
    private SpikeOperations() {}

    static void encode(ReferenceRun run, KernelCall.SpikeEncode call) {
        run.silent(Population.EMBEDDING, call.timesteps(), call.width());
        run.model().forEach(run.batch().rows(), row -> {
            double[] current = TokenEmbedding.of(run.model().weights().embeddings(), run.batch(), row);
            MembraneScan scan = new MembraneScan(call.neuron(), run, Population.EMBEDDING, row);
            for (int t = 0; t < call.timesteps(); t++) {
                scan.step(t, current);
            }
        });
    }

    static void matmul(ReferenceRun run, KernelCall.SpikeMatmul call) {
        SpikeTensor in = run.spikes(call.input());
        Accumulation product = run.model().product(call.layer(), call.projection());
        if (call.projection().epilogue() == Epilogue.REAL) {
            double[] query = run.queryBuffer(call.layer(), run.batch().rows() * call.timesteps() * call.outputs());
            run.model().forEach(run.batch().rows(), row -> {
                for (int t = 0; t < call.timesteps(); t++) {
                    double[] sum = product.ofSpikes(in, row, t);
                    System.arraycopy(sum, 0, query, (row * call.timesteps() + t) * sum.length, sum.length);
                }
            });
            return;
        }
        Population target = call.projection().output(call.layer()).orElseThrow();
        run.silent(target, call.timesteps(), call.outputs());
        Optional<SpikeTensor> residual = call.residual().map(run::spikes);
        Optional<LayerNormWeights> norm = call.projection().norm(run.model().weights().layers().get(call.layer()));
        run.model().forEach(run.batch().rows(), row -> {
            MembraneScan scan = new MembraneScan(call.neuron(), run, target, row);
            for (int t = 0; t < call.timesteps(); t++) {
                double[] current = product.ofSpikes(in, row, t);
                if (residual.isPresent()) {
                    addSpikes(current, residual.get(), row, t);
                }
                norm.ifPresent(n -> Numerics.layerNorm(current, n.weight(), n.bias(), n.eps()));
                if (call.projection().epilogue() == Epilogue.GELU_MEMBRANE) {
                    for (int j = 0; j < current.length; j++) {
                        current[j] = Numerics.gelu(current[j]);
                    }
                }
                scan.step(t, current);
            }
        });
    }

    static void retime(ReferenceRun run, KernelCall.SpikeRetime call) {
        SpikeTensor in = run.spikes(call.from());
        SpikeTensor out = run.silent(new Population(call.layer(), Population.Kind.INPUT), call.timesteps(), call.width());
        run.model().forEach(run.batch().rows(), row -> {
            for (int j = 0; j < call.width(); j++) {
                int count = 0;
                for (int t = 0; t < call.fromTimesteps(); t++) {
                    count += in.get(row, t, j) ? 1 : 0;
                }
                int potential = call.fromTimesteps();
                for (int t = 0; t < call.timesteps(); t++) {
                    potential += 2 * count;
                    if (potential >= 2 * call.fromTimesteps()) {
                        potential -= 2 * call.fromTimesteps();
                        out.set(row, t, j);
                    }
                }
            }
        });
    }

    static void attention(ReferenceRun run, KernelCall.SpikingAttention call) {
        TokenBatch batch = run.batch();
        SpikeTensor key = run.spikes(new Population(call.layer(), Population.Kind.KEY));
        SpikeTensor value = run.spikes(new Population(call.layer(), Population.Kind.VALUE));
        double[] query = run.query(call.layer());
        Population target = new Population(call.layer(), Population.Kind.CONTEXT);
        int keyWidth = call.heads().keyWidth();
        int valueWidth = call.heads().valueWidth();
        int[] keyOffsets = call.heads().keyOffsets();
        int[] valueOffsets = call.heads().valueOffsets();
        run.silent(target, call.timesteps(), valueWidth);
        int[] sequenceOf = AttentionMask.sequenceOfRow(batch);
        run.model().forEach(batch.rows(), row -> {
            int[] keys = AttentionMask.keys(batch, sequenceOf[row]);
            double[] p = new double[keys.length];
            MembraneScan scan = new MembraneScan(call.neuron(), run, target, row);
            for (int t = 0; t < call.timesteps(); t++) {
                double[] current = new double[valueWidth];
                int base = (row * call.timesteps() + t) * keyWidth;
                for (int head = 0; head < call.heads().count(); head++) {
                    for (int i = 0; i < keys.length; i++) {
                        p[i] = 0;
                        for (int c = keyOffsets[head]; c < keyOffsets[head + 1]; c++) {
                            if (key.get(keys[i], t, c)) {
                                p[i] += query[base + c];
                            }
                        }
                        p[i] *= call.heads().scale();
                    }
                    Numerics.softmax(p, keys.length);
                    for (int i = 0; i < keys.length; i++) {
                        for (int c = valueOffsets[head]; c < valueOffsets[head + 1]; c++) {
                            if (value.get(keys[i], t, c)) {
                                current[c] += p[i];
                            }
                        }
                    }
                }
                scan.step(t, current);
            }
        });
    }

    static long[] count(ReferenceRun run, KernelCall.SpikeCount call) {
        return total(run, call.population(), call.width(), call.timesteps(), unit -> 1);
    }

    static long[] synapses(ReferenceRun run, KernelCall.SynapseCount call) {
        int[] live = call.readers().fanOut(run.model().weights().layers().get(call.layer())).live();
        return total(run, call.population(), call.width(), call.timesteps(), unit -> live[unit]);
    }

    /** What the spikes of each sequence add up to. @param each what a spike of a unit counts as */
    private static long[] total(ReferenceRun run, Population population, int width, int timesteps, IntUnaryOperator each) {
        SpikeTensor spikes = run.spikes(population);
        TokenBatch batch = run.batch();
        long[] totals = new long[batch.sequences()];
        for (int b = 0; b < totals.length; b++) {
            for (int row = batch.rowOffsets()[b]; row < batch.rowOffsets()[b + 1]; row++) {
                for (int t = 0; t < timesteps; t++) {
                    for (int j = 0; j < width; j++) {
                        totals[b] += spikes.get(row, t, j) ? each.applyAsInt(j) : 0;
                    }
                }
            }
        }
        return totals;
    }

    static int[] unitCounts(ReferenceRun run, KernelCall.UnitCount call) {
        SpikeTensor spikes = run.spikes(call.population());
        int[] counts = new int[run.batch().rows() * call.width()];
        run.model().forEach(run.batch().rows(), row -> {
            for (int t = 0; t < call.timesteps(); t++) {
                for (int j = 0; j < call.width(); j++) {
                    counts[row * call.width() + j] += spikes.get(row, t, j) ? 1 : 0;
                }
            }
        });
        return counts;
    }

    static void membrane(ReferenceRun run, KernelCall.MembraneUpdate call) {
        double[] current = run.current(call.population());
        run.silent(call.population(), call.timesteps(), call.width());
        run.model().forEach(run.batch().rows(), row -> {
            MembraneScan scan = new MembraneScan(call.neuron(), run, call.population(), row);
            for (int t = 0; t < call.timesteps(); t++) {
                int from = (row * call.timesteps() + t) * call.width();
                scan.step(t, Arrays.copyOfRange(current, from, from + call.width()));
            }
        });
    }

    private static void addSpikes(double[] current, SpikeTensor spikes, int row, int timestep) {
        for (int j = 0; j < current.length; j++) {
            current[j] += spikes.get(row, timestep, j) ? 1 : 0;
        }
    }
}
