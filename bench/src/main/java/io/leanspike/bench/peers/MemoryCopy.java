package io.leanspike.bench.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Copies a large block, each thread its share. */
final class MemoryCopy implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final ExecutorService workers;
    private final MemorySegment from;
    private final MemorySegment to;
    private final int threads;

    MemoryCopy(long bytes, int threads) {
        this.threads = threads;
        workers = Executors.newFixedThreadPool(threads);
        from = arena.allocate(bytes, 64).fill((byte) 1);
        to = arena.allocate(bytes, 64).fill((byte) 2);
    }

    void run() {
        long share = from.byteSize() / threads;
        List<Future<?>> copies = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            long offset = i * share;
            copies.add(workers.submit(() -> MemorySegment.copy(from, offset, to, offset, share)));
        }
        try {
            for (Future<?> copy : copies) {
                copy.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Read and written by one run. */
    double gigabytes() {
        return 2 * (from.byteSize() / threads * threads) * 1e-9;
    }

    @Override
    public void close() {
        workers.shutdown();
        arena.close();
    }
}
