package io.leanspike.backend.cuda;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A stream with named device buffers that grow to the largest batch seen, and the graphs captured over them. A run borrows one and
 * gives it back, so that a steady flow of batches allocates nothing, and two runs in flight overlap copies with kernels.
 */
final class CudaWorkspace implements Owned.Resource {
    private static final int MOST_GRAPHS = 64;

    private final CudaStream stream = new CudaStream();
    private final Map<String, DeviceMemory> buffers = new HashMap<>();
    private final Map<String, PinnedMemory> pinned = new HashMap<>();
    private int moves;
    private final Map<Object, CudaGraph> graphs = new LinkedHashMap<>(16, 0.75f, true);

    CudaStream stream() {
        return stream;
    }

    /** At least {@code bytes} under this name, undefined at first. A buffer that has to move invalidates all graphs. */
    DeviceMemory buffer(String name, long bytes) {
        DeviceMemory buffer = buffers.get(name);
        if (buffer == null || buffer.bytes() < bytes) {
            forgetGraphs();
            moves++;
            if (buffer != null) {
                stream.synchronize();
                buffers.remove(name);
                buffer.close();
            }
            buffer = new DeviceMemory(Math.max(256, buffer == null ? bytes : bytes + bytes / 2));
            buffers.put(name, buffer);
        }
        return buffer;
    }

    /** Grows with every buffer that is new or had to move: addresses taken before are good while it stands still. */
    int moves() {
        return moves;
    }

    /** At least {@code bytes} of page-locked host memory under this name. */
    PinnedMemory pinned(String name, long bytes) {
        PinnedMemory memory = pinned.get(name);
        if (memory == null || memory.bytes() < bytes) {
            if (memory != null) {
                stream.synchronize();
                pinned.remove(name);
                memory.close();
            }
            memory = new PinnedMemory(Math.max(256, bytes + bytes / 2));
            pinned.put(name, memory);
        }
        return memory;
    }

    boolean hasGraph(Object key) {
        return graphs.containsKey(key);
    }

    /** The graph of these launches on these buffers, captured when it is first asked for. */
    CudaGraph graph(Object key, Runnable body) {
        CudaGraph graph = graphs.get(key);
        if (graph == null) {
            if (graphs.size() == MOST_GRAPHS) {
                Object oldest = graphs.keySet().iterator().next();
                graphs.remove(oldest).close();
            }
            graph = stream.capture(body);
            graphs.put(key, graph);
        }
        return graph;
    }

    private void forgetGraphs() {
        if (!graphs.isEmpty()) {
            stream.synchronize();
            graphs.values().forEach(CudaGraph::close);
            graphs.clear();
        }
    }

    @Override
    public void close() {
        stream.synchronize();
        forgetGraphs();
        buffers.values().forEach(DeviceMemory::close);
        pinned.values().forEach(PinnedMemory::close);
        stream.close();
    }
}
