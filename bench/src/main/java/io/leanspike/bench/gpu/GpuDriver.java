package io.leanspike.bench.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The few driver calls that the peers of our kernels need: memory, copies, graphs and events in a stream of the first device's primary
 * context, which our own kernels and cuBLAS share. Memory and graphs live until close.
 */
final class GpuDriver implements AutoCloseable {
    static final ValueLayout.OfLong ADDRESS = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final int NON_BLOCKING = 1;
    private static final int THREAD_LOCAL = 1;

    private final Arena arena = Arena.ofShared();
    private final boolean software;
    private final SymbolLookup driver;
    private final List<Long> allocated = new ArrayList<>();
    private final List<Long> graphs = new ArrayList<>();
    private final long stream;
    private final long start;
    private final long end;

    /** @param software the software GPU, already loaded, instead of libcuda */
    GpuDriver(boolean software) {
        this.software = software;
        driver = software ? SymbolLookup.loaderLookup() : SymbolLookup.libraryLookup("libcuda.so.1", arena);
        MemorySegment context = arena.allocate(ADDRESS);
        call("cuDevicePrimaryCtxRetain", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT), context, 0);
        call("cuCtxSetCurrent", FunctionDescriptor.of(INT, ADDRESS), context.get(ADDRESS, 0));
        MemorySegment created = arena.allocate(ADDRESS);
        call("cuStreamCreate", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT), created, NON_BLOCKING);
        stream = created.get(ADDRESS, 0);
        start = event();
        end = event();
    }

    /** What everything here is put into. */
    long stream() {
        return stream;
    }

    /** Another in the same context, whose memory goes when it is closed. */
    GpuDriver another() {
        return new GpuDriver(software);
    }

    private long event() {
        MemorySegment event = arena.allocate(ADDRESS);
        call("cuEventCreate", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT), event, 0);
        return event.get(ADDRESS, 0);
    }

    /** Device memory that holds these bytes, again and again. */
    long allocate(long bytes, MemorySegment pattern) {
        long address = allocate(bytes);
        for (long at = 0; at < bytes; at += pattern.byteSize()) {
            call("cuMemcpyHtoD_v2", FunctionDescriptor.of(INT, ADDRESS, ValueLayout.ADDRESS, ADDRESS), address + at, pattern,
                    Math.min(pattern.byteSize(), bytes - at));
        }
        return address;
    }

    /** Device memory, zeroed. */
    long allocate(long bytes) {
        MemorySegment address = arena.allocate(ADDRESS);
        call("cuMemAlloc_v2", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ADDRESS), address, bytes);
        allocated.add(address.get(ADDRESS, 0));
        clear(allocated.getLast(), bytes);
        return allocated.getLast();
    }

    void clear(long address, long bytes) {
        call("cuMemsetD8_v2", FunctionDescriptor.of(INT, ADDRESS, ValueLayout.JAVA_BYTE, ADDRESS), address, (byte) 0, bytes);
    }

    void copy(long to, long from, long bytes) {
        call("cuMemcpyDtoDAsync_v2", FunctionDescriptor.of(INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS), to, from, bytes, stream);
    }

    /** Records what the body puts into the stream, without running it. */
    long capture(Runnable body) {
        call("cuStreamBeginCapture_v2", FunctionDescriptor.of(INT, ADDRESS, INT), stream, THREAD_LOCAL);
        body.run();
        MemorySegment made = arena.allocate(ADDRESS, 2);
        call("cuStreamEndCapture", FunctionDescriptor.of(INT, ADDRESS, ValueLayout.ADDRESS), stream, made);
        long graph = made.get(ADDRESS, 0);
        call("cuGraphInstantiateWithFlags", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ADDRESS, ADDRESS), made.asSlice(8), graph, 0L);
        call("cuGraphDestroy", FunctionDescriptor.of(INT, ADDRESS), graph);
        graphs.add(made.get(ADDRESS, 8));
        return graphs.getLast();
    }

    void run(long graph) {
        call("cuGraphLaunch", FunctionDescriptor.of(INT, ADDRESS, ADDRESS), graph, stream);
    }

    /** Device time of what the body puts into the stream. */
    float milliseconds(Runnable body) {
        record(start);
        body.run();
        record(end);
        call("cuEventSynchronize", FunctionDescriptor.of(INT, ADDRESS), end);
        MemorySegment milliseconds = arena.allocate(ValueLayout.JAVA_FLOAT);
        call("cuEventElapsedTime", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ADDRESS, ADDRESS), milliseconds, start, end);
        return milliseconds.get(ValueLayout.JAVA_FLOAT, 0);
    }

    private void record(long event) {
        call("cuEventRecord", FunctionDescriptor.of(INT, ADDRESS, ADDRESS), event, stream);
    }

    private void call(String name, FunctionDescriptor type, Object... arguments) {
        MethodHandle handle = Linker.nativeLinker().downcallHandle(driver.find(name).orElseThrow(), type);
        int result;
        try {
            result = (int) handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(name + " cannot be called", e);
        }
        if (result != 0) {
            throw new IllegalStateException("%s failed: CUDA error %d".formatted(name, result));
        }
    }

    @Override
    public void close() {
        graphs.forEach(graph -> call("cuGraphExecDestroy", FunctionDescriptor.of(INT, ADDRESS), graph));
        allocated.forEach(address -> call("cuMemFree_v2", FunctionDescriptor.of(INT, ADDRESS), address));
        for (long event : new long[] {start, end}) {
            call("cuEventDestroy_v2", FunctionDescriptor.of(INT, ADDRESS), event);
        }
        call("cuStreamDestroy_v2", FunctionDescriptor.of(INT, ADDRESS), stream);
        call("cuDevicePrimaryCtxRelease_v2", FunctionDescriptor.of(INT, INT), 0);
        arena.close();
    }
}
