package io.leanspike.backend.cpu;

import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a run's batch, populations, queries and currents lie. Without retention a layer's populations reuse the previous layer's memory;
 * its input (the previous output) is still read while its own output is written, so outputs of even and odd layers take turns.
 */
final class RunBuffers {
    private static final List<String> OUTPUT_SLOTS = List.of("OUTPUT 0", "OUTPUT 1");

    private final Workspace workspace;
    private final Retention retention;
    private final int rows;
    private final int sequences;
    private final MemorySegment wordIds;
    private final MemorySegment positionIds;
    private final MemorySegment typeIds;
    private final MemorySegment live;
    private final MemorySegment rowOffsets;
    /** What lies in each buffer. */
    private final Map<String, Object> occupants = new HashMap<>();
    private final Map<Population, SpikeTensor> spikes = new HashMap<>();
    private final Map<Population, MemorySegment> rates = new HashMap<>();
    private final Map<Integer, MemorySegment> queries = new HashMap<>();
    private final Map<Population, MemorySegment> currents = new HashMap<>();

    RunBuffers(Workspace workspace, TokenBatch batch, Retention retention) {
        this.workspace = workspace;
        this.retention = retention;
        rows = batch.rows();
        sequences = batch.sequences();
        wordIds = ints("word ids", batch.wordIds());
        positionIds = ints("position ids", batch.positionIds());
        typeIds = ints("type ids", batch.typeIds());
        rowOffsets = ints("row offsets", batch.rowOffsets());
        live = workspace.buffer("live", rows);
        MemorySegment.copy(batch.live(), 0, live, ValueLayout.JAVA_BYTE, 0, rows);
    }

    int rows() {
        return rows;
    }

    int sequences() {
        return sequences;
    }

    MemorySegment wordIds() {
        return wordIds;
    }

    MemorySegment positionIds() {
        return positionIds;
    }

    MemorySegment typeIds() {
        return typeIds;
    }

    /** A byte a row: 1 for a token that takes part. */
    MemorySegment live() {
        return live;
    }

    MemorySegment rowOffsets() {
        return rowOffsets;
    }

    /** Memory that lasts until the next call of this name. */
    MemorySegment scratch(String name, long bytes) {
        return workspace.buffer(name, bytes);
    }

    MemorySegment ints(String name, int[] values) {
        MemorySegment buffer = workspace.buffer(name, (long) values.length * Integer.BYTES);
        MemorySegment.copy(values, 0, buffer, ValueLayout.JAVA_INT, 0, values.length);
        return buffer;
    }

    MemorySegment makeSpikes(Population population, int timesteps, int width) {
        MemorySegment words = occupy(slot(population), population, SpikeTensor.bytes(rows, timesteps, width), spikes);
        spikes.put(population, new SpikeTensor(words, rows, timesteps, width));
        return words;
    }

    /** The words of a population's spikes, which must have the shape that the call reads: kernels trust the sizes they are told. */
    MemorySegment spikes(Population population, int timesteps, int width) {
        SpikeTensor tensor = madeSpikes(population);
        if (tensor.rows() != rows || tensor.timesteps() != timesteps || tensor.width() != width) {
            throw new IllegalArgumentException("%s has %d rows, %d timesteps and width %d, but the call reads %d, %d and %d".formatted(
                    population, tensor.rows(), tensor.timesteps(), tensor.width(), rows, timesteps, width));
        }
        return tensor.words();
    }

    SpikeTensor madeSpikes(Population population) {
        return made(spikes.get(population), population);
    }

    MemorySegment makeRates(Population population, int width) {
        MemorySegment buffer = occupy("rates of " + slot(population), population, (long) rows * width * Float.BYTES, rates);
        rates.put(population, buffer);
        return buffer;
    }

    /** As {@link #spikes}. */
    MemorySegment rates(Population population, int width) {
        return floats(madeRates(population), "the rates of " + population, (long) rows * width);
    }

    MemorySegment madeRates(Population population) {
        return made(rates.get(population), population);
    }

    MemorySegment makeQuery(int layer, long elements) {
        String name = retention == Retention.POPULATIONS ? "query " + layer : "query";
        MemorySegment buffer = occupy(name, layer, elements * Float.BYTES, queries);
        queries.put(layer, buffer);
        return buffer;
    }

    /** As {@link #spikes}. */
    MemorySegment query(int layer, long elements) {
        return floats(madeQuery(layer), "the query of layer " + layer, elements);
    }

    MemorySegment madeQuery(int layer) {
        return made(queries.get(layer), "the query");
    }

    MemorySegment makeCurrent(Population population, long elements) {
        MemorySegment buffer = occupy("current of " + slot(population), population, elements * Float.BYTES, currents);
        currents.put(population, buffer);
        return buffer;
    }

    /** As {@link #spikes}. */
    MemorySegment current(Population population, long elements) {
        String name = "the current of " + population;
        return floats(made(currents.get(population), name), name, elements);
    }

    /** The buffer for something new: what lay in it is overwritten, and made no more. */
    private <K> MemorySegment occupy(String name, K occupant, long bytes, Map<K, ?> made) {
        Optional.ofNullable(occupants.put(name, occupant)).filter(before -> !before.equals(occupant)).ifPresent(made::remove);
        return workspace.buffer(name, bytes);
    }

    private static MemorySegment floats(MemorySegment values, String name, long elements) {
        if (values.byteSize() != elements * Float.BYTES) {
            throw new IllegalArgumentException(
                    "%s has %d elements, but the call reads %d".formatted(name, values.byteSize() / Float.BYTES, elements));
        }
        return values;
    }

    private String slot(Population population) {
        if (retention == Retention.POPULATIONS) {
            return population.toString();
        }
        return population.kind() == Population.Kind.OUTPUT ? OUTPUT_SLOTS.get(population.layer() % 2) : population.kind().toString();
    }

    static <T> T made(T value, Object name) {
        return Optional.ofNullable(value).orElseThrow(() -> new IllegalStateException("no call has made " + name));
    }
}
