package io.leanspike.backend.cuda;

import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population;
import io.leanspike.tensor.SpikeTensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a run's populations, queries, totals and logits lie on the device. Without retention a layer's populations reuse the previous
 * layer's memory; counts are launched when a layer ends, so outputs of even and odd layers take turns.
 */
final class RunBuffers {
    /** A population in memory. */
    record Spikes(DeviceMemory memory, int timesteps, int width) {}

    /** A query [rows, timesteps, width]. */
    record Query(DeviceMemory memory, int elements) {}

    private final CudaWorkspace workspace;
    private final Retention retention;
    private final int rows;
    private final int sequences;
    private final Map<Population, Spikes> spikes = new HashMap<>();
    private final Map<Integer, Query> queries = new HashMap<>();
    private final Map<Population, Integer> counted = new LinkedHashMap<>();
    private int labels;

    RunBuffers(CudaWorkspace workspace, Retention retention, int rows, int sequences) {
        this.workspace = workspace;
        this.retention = retention;
        this.rows = rows;
        this.sequences = sequences;
    }

    long spikeBytes(int timesteps, int width) {
        return SpikeTensor.bytes(rows, timesteps, width);
    }

    DeviceMemory makeSpikes(Population population, int timesteps, int width) {
        DeviceMemory memory = workspace.buffer(slot(population), spikeBytes(timesteps, width));
        spikes.put(population, new Spikes(memory, timesteps, width));
        return memory;
    }

    /** A population's spikes, which must have the shape that the call reads: kernels trust the sizes they are told. */
    DeviceMemory spikes(Population population, int timesteps, int width) {
        Spikes made = made(population);
        if (made.timesteps() != timesteps || made.width() != width) {
            throw new IllegalArgumentException("%s has %d timesteps and width %d, but the call reads %d and %d".formatted(
                    population, made.timesteps(), made.width(), timesteps, width));
        }
        return made.memory();
    }

    Spikes made(Population population) {
        return found(spikes.get(population), population);
    }

    DeviceMemory makeQuery(int layer, int timesteps, int width) {
        String name = retention == Retention.POPULATIONS ? "query " + layer : "query";
        int elements = Math.toIntExact((long) rows * timesteps * width);
        DeviceMemory memory = workspace.buffer(name, (long) elements * Float.BYTES);
        queries.put(layer, new Query(memory, elements));
        return memory;
    }

    DeviceMemory query(int layer, int timesteps, int width) {
        Query made = madeQuery(layer);
        if (made.elements() != (long) rows * timesteps * width) {
            throw new IllegalArgumentException("the query of layer %d has %d elements, but the call reads %d rows, %d timesteps and width %d"
                    .formatted(layer, made.elements(), rows, timesteps, width));
        }
        return made.memory();
    }

    Query madeQuery(int layer) {
        return found(queries.get(layer), "layer." + layer + ".query");
    }

    /** Gives each counted population its row of the totals; before any of them is counted. */
    void count(Iterable<Population> populations) {
        populations.forEach(population -> counted.putIfAbsent(population, counted.size()));
        if (!counted.isEmpty()) {
            workspace.buffer("totals", totalsBytes());
        }
    }

    DeviceMemory totals() {
        return workspace.buffer("totals", totalsBytes());
    }

    long totalsBytes() {
        return (long) counted.size() * sequences * Long.BYTES;
    }

    long totalsOffset(Population population) {
        return (long) found(counted.get(population), population) * sequences * Long.BYTES;
    }

    DeviceMemory logits(int count) {
        labels = count;
        return workspace.buffer("logits", logitsBytes());
    }

    int labels() {
        return labels;
    }

    long logitsBytes() {
        return (long) labels * sequences * Double.BYTES;
    }

    private String slot(Population population) {
        if (retention == Retention.POPULATIONS) {
            return population.toString();
        }
        return population.kind() == Population.Kind.OUTPUT ? "OUTPUT " + population.layer() % 2 : population.kind().toString();
    }

    private static <T> T found(T value, Object name) {
        return Optional.ofNullable(value).orElseThrow(() -> new IllegalStateException("no call has made " + name));
    }
}
