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

    /** Elements of four bytes: a query or a current [rows, timesteps, width], or counts of units [rows, width]. */
    record Real(DeviceMemory memory, long elements) {}

    private final CudaWorkspace workspace;
    private final Retention retention;
    private final int rows;
    private final int sequences;
    /** What lies in each buffer. */
    private final Map<String, Object> occupants = new HashMap<>();
    private final Map<Population, Spikes> spikes = new HashMap<>();
    private final Map<String, Real> reals = new HashMap<>();
    private final Map<String, Integer> counted = new LinkedHashMap<>();
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
        DeviceMemory memory = occupy(slot(population), population, spikeBytes(timesteps, width), spikes);
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
        return make(queryName(layer), retention == Retention.POPULATIONS ? queryName(layer) : "query", timesteps, width);
    }

    DeviceMemory query(int layer, int timesteps, int width) {
        return read(queryName(layer), timesteps, width);
    }

    Real madeQuery(int layer) {
        return made(queryName(layer));
    }

    private static String queryName(int layer) {
        return "layer." + layer + ".query";
    }

    DeviceMemory makeCurrent(Population population, int timesteps, int width) {
        String name = currentName(population);
        return make(name, retention == Retention.POPULATIONS ? name : "current", timesteps, width);
    }

    DeviceMemory current(Population population, int timesteps, int width) {
        return read(currentName(population), timesteps, width);
    }

    private static String currentName(Population population) {
        return "the current of " + population;
    }

    DeviceMemory makeUnitCounts(Population population, int width) {
        String name = population + " units";
        return make(name, name, 1, width);
    }

    Real madeUnitCounts(Population population) {
        return made(population + " units");
    }

    private DeviceMemory make(String name, String slot, int timesteps, int width) {
        long elements = (long) rows * timesteps * width;
        DeviceMemory memory = occupy(slot, name, elements * Float.BYTES, reals);
        reals.put(name, new Real(memory, elements));
        return memory;
    }

    /** The buffer for something new: what lay in it is overwritten, and made no more. */
    private <K> DeviceMemory occupy(String slot, K occupant, long bytes, Map<K, ?> made) {
        Optional.ofNullable(occupants.put(slot, occupant)).filter(before -> !before.equals(occupant)).ifPresent(made::remove);
        return workspace.buffer(slot, bytes);
    }

    private DeviceMemory read(String name, int timesteps, int width) {
        Real made = made(name);
        if (made.elements() != (long) rows * timesteps * width) {
            throw new IllegalArgumentException("%s has %d elements, but the call reads %d rows, %d timesteps and width %d"
                    .formatted(name, made.elements(), rows, timesteps, width));
        }
        return made.memory();
    }

    private Real made(String name) {
        return found(reals.get(name), name);
    }

    /** Gives each output of a counting call its row of the totals; before any of them is counted. */
    void count(Iterable<String> outputs) {
        outputs.forEach(output -> counted.putIfAbsent(output, counted.size()));
        if (!counted.isEmpty()) {
            workspace.buffer("totals", totalsBytes());
        }
    }

    /** Comes before the steps of counting calls, whose kernels add to the totals. */
    Step clearTotals() {
        return counted.isEmpty() ? stream -> {} : new Step.Clear(totals(), totalsBytes());
    }

    /** The rows of the totals are free again. */
    void forgetCounted() {
        counted.clear();
    }

    DeviceMemory totals() {
        return workspace.buffer("totals", totalsBytes());
    }

    long totalsBytes() {
        return (long) counted.size() * sequences * Long.BYTES;
    }

    long totalsOffset(String output) {
        return (long) found(counted.get(output), output) * sequences * Long.BYTES;
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
