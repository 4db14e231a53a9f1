package io.leanspike.backend.cuda;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import java.util.List;

/** Looks at a run of the CUDA backend from outside: which launches its calls make, and how long the device takes over them. */
public final class CudaProbe implements AutoCloseable {
    private final CudaRun run;
    private final CudaEvent start = new CudaEvent();
    private final CudaEvent end = new CudaEvent();
    private final DeviceMemory flush;

    /**
     * @param run of the CUDA backend
     * @throws IllegalArgumentException when it is another backend's
     */
    public CudaProbe(BatchRun run) {
        if (!(run instanceof CudaRun cuda)) {
            throw new IllegalArgumentException("only runs of the CUDA backend can be looked at");
        }
        this.run = cuda;
        // Twice the cache, so that nothing of what a kernel reads is left in it.
        flush = new DeviceMemory(2L * cuda.secondLevelCacheBytes());
    }

    /** The launches that the calls make, in their order. */
    public List<LaunchShape> launches(List<KernelCall> calls) {
        return run.prepare(calls).stream()
                .filter(PreparedLaunch.class::isInstance).map(PreparedLaunch.class::cast)
                .map(step -> new LaunchShape(step.entry(), (long) step.launch().gridX() * step.launch().gridY() * step.launch().gridZ(),
                        step.launch().threads(), step.launch().sharedBytes()))
                .toList();
    }

    /**
     * Runs the calls once and answers the device's time for them, by events around them in the stream. Totals are zeroed before, as a pass
     * does once for all its calls.
     *
     * @param flushed nothing is in the second-level cache when they start
     * @return milliseconds
     */
    public float milliseconds(List<KernelCall> calls, boolean flushed) {
        List<Step> steps = run.prepare(calls);
        CudaStream stream = run.stream();
        run.clearTotals().enqueue(stream);
        if (flushed) {
            stream.clear(flush.pointer(), flush.bytes());
        }
        stream.record(start);
        steps.forEach(step -> step.enqueue(stream));
        stream.record(end);
        return end.millisecondsSince(start);
    }

    /** Captures the calls into a graph, as a forward pass is run. */
    public Pass capture(List<KernelCall> calls) {
        List<Step> steps = run.prepare(calls);
        CudaStream stream = run.stream();
        return new Pass(stream.capture(() -> {
            run.clearTotals().enqueue(stream);
            steps.forEach(step -> step.enqueue(stream));
        }));
    }

    /** Calls that the driver starts as one. */
    public final class Pass implements AutoCloseable {
        private final CudaGraph graph;

        private Pass(CudaGraph graph) {
            this.graph = graph;
        }

        /**
         * Runs the calls twice and answers the device's time for the second, which finds the second-level cache as one batch leaves it to
         * the next, and everything it needs already with the device.
         *
         * @return milliseconds
         */
        public float milliseconds() {
            CudaStream stream = run.stream();
            stream.run(graph);
            stream.record(start);
            stream.run(graph);
            stream.record(end);
            return end.millisecondsSince(start);
        }

        @Override
        public void close() {
            graph.close();
        }
    }

    @Override
    public void close() {
        flush.close();
        end.close();
        start.close();
    }
}
