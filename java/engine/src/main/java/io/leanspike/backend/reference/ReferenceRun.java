package io.leanspike.backend.reference;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A forward pass of the oracle. Every population is kept, whatever the retention. */
public final class ReferenceRun implements BatchRun {
    private final ReferenceModel model;
    private final TokenBatch batch;
    private final Map<Population, SpikeTensor> spikes = new HashMap<>();
    private final Map<Population, double[]> margins = new HashMap<>();
    private final Map<Population, double[]> accumulated = new HashMap<>();
    private final Map<Population, double[]> rates = new HashMap<>();
    private final Map<Integer, double[]> queries = new HashMap<>();
    private final Map<Population, long[]> totals = new HashMap<>();
    private final Map<Population, long[]> synapseTotals = new HashMap<>();
    private final Map<Population, int[]> unitCounts = new HashMap<>();
    private final Map<Population, double[]> currents = new HashMap<>();
    private double[][] logits;

    ReferenceRun(ReferenceModel model, TokenBatch batch) {
        this.model = model;
        this.batch = batch;
    }

    ReferenceModel model() {
        return model;
    }

    TokenBatch batch() {
        return batch;
    }

    @Override
    public void execute(List<KernelCall> calls) {
        for (KernelCall call : calls) {
            switch (call) {
                case KernelCall.Fused fused -> execute(fused.parts());
                case KernelCall.SpikeEncode encode -> SpikeOperations.encode(this, encode);
                case KernelCall.SpikeMatmul matmul -> SpikeOperations.matmul(this, matmul);
                case KernelCall.SpikeRetime retime -> SpikeOperations.retime(this, retime);
                case KernelCall.SpikingAttention attention -> SpikeOperations.attention(this, attention);
                case KernelCall.SpikeCount count -> totals.put(count.population(), SpikeOperations.count(this, count));
                case KernelCall.UnitCount count -> unitCounts.put(count.population(), SpikeOperations.unitCounts(this, count));
                case KernelCall.SynapseCount count -> synapseTotals.put(count.population(), SpikeOperations.synapses(this, count));
                case KernelCall.MembraneUpdate update -> SpikeOperations.membrane(this, update);
                case KernelCall.RateEncode encode -> RateOperations.encode(this, encode);
                case KernelCall.RateMatmul matmul -> RateOperations.matmul(this, matmul);
                case KernelCall.RateAttention attention -> RateOperations.attention(this, attention);
                case KernelCall.ClassifierHead head -> logits = ClassifierHead.logits(this, head);
            }
        }
    }

    /** A new, silent tensor for the population, replacing what was there. */
    SpikeTensor silent(Population population, int timesteps, int width) {
        int words = batch.rows() * timesteps * SpikeTensor.wordsPerStep(width);
        SpikeTensor tensor = new SpikeTensor(MemorySegment.ofArray(new long[words]), batch.rows(), timesteps, width);
        double[] margin = new double[batch.rows() * width];
        Arrays.fill(margin, Double.POSITIVE_INFINITY);
        spikes.put(population, tensor);
        margins.put(population, margin);
        accumulated.put(population, new double[batch.rows() * width]);
        return tensor;
    }

    /**
     * How close each unit [rows, width] came to its threshold: the least |u - V_th| over its timesteps. Arithmetic coarser than float64
     * may see another spike where this is small, and nowhere else.
     */
    public double[] margins(Population population) {
        return made(margins.get(population), population);
    }

    @Override
    public double[] accumulated(Population population) {
        return made(accumulated.get(population), population);
    }

    double[] queryBuffer(int layer, int size) {
        double[] query = new double[size];
        queries.put(layer, query);
        return query;
    }

    double[] rateBuffer(Population population, int width) {
        double[] buffer = new double[batch.rows() * width];
        rates.put(population, buffer);
        return buffer;
    }

    @Override
    public void write(Population population, SpikeTensor tensor) {
        spikes.put(population, tensor);
    }

    @Override
    public void writeQuery(int layer, int timesteps, float[] query) {
        queries.put(layer, widen(query));
    }

    @Override
    public void writeCurrent(Population population, int timesteps, float[] current) {
        currents.put(population, widen(current));
    }

    /** The currents [rows, timesteps, width] written for the population. */
    double[] current(Population population) {
        return made(currents.get(population), "the current of " + population);
    }

    @Override
    public void writeRates(Population population, float[] values) {
        rates.put(population, widen(values));
    }

    @Override
    public SpikeTensor spikes(Population population) {
        return made(spikes.get(population), population);
    }

    @Override
    public double[] rates(Population population) {
        return made(rates.get(population), population);
    }

    @Override
    public double[] query(int layer) {
        return made(queries.get(layer), "layer." + layer + ".query");
    }

    @Override
    public long[] spikeTotals(Population population) {
        return made(totals.get(population), population);
    }

    @Override
    public long[] synapseTotals(Population population) {
        return made(synapseTotals.get(population), KernelCall.SynapseCount.output(population));
    }

    @Override
    public int[] unitCounts(Population population) {
        return made(unitCounts.get(population), population + " units");
    }

    @Override
    public double[][] logits() {
        return made(logits, "logits");
    }

    @Override
    public void close() {
        // Nothing off-heap to free.
    }

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    private static <T> T made(T value, Object name) {
        return Optional.ofNullable(value).orElseThrow(() -> new IllegalStateException("no call has made " + name));
    }
}
