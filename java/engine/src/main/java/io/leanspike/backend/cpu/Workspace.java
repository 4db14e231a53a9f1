package io.leanspike.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** Named off-heap buffers that grow to the largest batch seen and are reused by every later one. */
final class Workspace implements AutoCloseable {
    private record Buffer(Arena arena, MemorySegment memory) {}

    private final Map<String, Buffer> buffers = new HashMap<>();

    /** At least {@code bytes} of 64-byte aligned memory under this name; what it holds is undefined. */
    MemorySegment buffer(String name, long bytes) {
        Buffer buffer = buffers.get(name);
        if (buffer == null || buffer.memory.byteSize() < bytes) {
            if (buffer != null) {
                buffers.remove(name);
                buffer.arena.close();
            }
            // Half as much again, so that slowly growing batches do not allocate each time.
            long capacity = buffer == null ? bytes : bytes + bytes / 2;
            Arena arena = Arena.ofShared();
            buffer = new Buffer(arena, arena.allocate(Math.max(capacity, 64), 64));
            buffers.put(name, buffer);
        }
        return buffer.memory.asSlice(0, bytes);
    }

    @Override
    public void close() {
        buffers.values().forEach(buffer -> buffer.arena.close());
        buffers.clear();
    }
}
