package io.leanspike.backend.cuda;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jcuda.Pointer;

/**
 * A forward pass on a device. {@link #execute} only puts work into the run's stream and returns; the first look at a result waits for
 * it, so the next batch's copies run beside this one's kernels. Without retention the pass is a graph, captured once a shape.
 */
final class CudaRun implements BatchRun {
    /** What makes two passes over one workspace the same launches. */
    private record GraphKey(List<KernelCall> calls, int rows, int sequences, int longest) {}

    private final CudaModel owner;
    private final DeviceModel model;
    private final CudaWorkspace workspace;
    private final Retention retention;
    private final BatchInputs inputs;
    private final RunBuffers buffers;
    /** Rows of the device's totals, of the calls executed last. */
    private final Map<String, Integer> countedAt = new HashMap<>();
    /** Of the calls before. */
    private final Map<String, long[]> keptTotals = new HashMap<>();
    private int labels;
    private boolean finished = true;
    private boolean open = true;

    CudaRun(CudaModel owner, DeviceModel model, TokenBatch batch, Retention retention) {
        this.owner = owner;
        this.model = model;
        this.retention = retention;
        model.device().makeCurrent();
        workspace = model.borrow();
        try {
            inputs = BatchInputs.upload(batch, model.config(), workspace);
        } catch (RuntimeException | Error e) {
            model.giveBack(workspace);
            throw e;
        }
        buffers = new RunBuffers(workspace, retention, batch.rows(), batch.sequences());
    }

    /** The steps that the calls take, for someone else to put into {@link #stream}, {@link #clearTotals} first. */
    List<Step> prepare(List<KernelCall> calls) {
        enter();
        return build(calls, counted(calls));
    }

    /** What a pass does once, for all the calls that have been prepared. */
    Step clearTotals() {
        return buffers.clearTotals();
    }

    CudaStream stream() {
        return workspace.stream();
    }

    long secondLevelCacheBytes() {
        return model.device().secondLevelCacheBytes();
    }

    /**
     * Outputs of the calls that make totals.
     *
     * @throws IllegalArgumentException when two make the same: kernels add to the totals, so it would be the sum of both
     */
    static List<String> counted(List<KernelCall> calls) {
        List<String> outputs = calls.stream().flatMap(call -> call.parts().stream())
                .filter(call -> call instanceof KernelCall.SpikeCount || call instanceof KernelCall.SynapseCount)
                .map(KernelCall::output).toList();
        Set<String> seen = new HashSet<>();
        outputs.stream().filter(output -> !seen.add(output)).findFirst().ifPresent(twice -> {
            throw new IllegalArgumentException("the totals of " + twice + " are counted twice in one pass");
        });
        return outputs;
    }

    @Override
    public void execute(List<KernelCall> calls) {
        enter();
        keepTotals();
        List<String> counted = counted(calls);
        counted.forEach(output -> countedAt.putIfAbsent(output, countedAt.size()));
        for (KernelCall call : calls) {
            labels = call instanceof KernelCall.ClassifierHead head ? head.labels() : labels;
        }
        CudaStream stream = workspace.stream();
        if (retention == Retention.POPULATIONS) {
            List<Step> steps = build(calls, counted);
            enqueue(steps, stream);
        } else {
            GraphKey key = new GraphKey(calls, inputs.rows(), inputs.sequences(), inputs.longest());
            if (!workspace.hasGraph(key)) {
                List<Step> steps = build(calls, counted);
                workspace.graph(key, () -> enqueue(steps, stream));
            }
            stream.run(workspace.graph(key, () -> {}));
        }
        finished = false;
        download("totals", (long) countedAt.size() * inputs.sequences() * Long.BYTES);
        download("logits", (long) labels * inputs.sequences() * Double.BYTES);
    }

    private void enqueue(List<Step> steps, CudaStream stream) {
        clearTotals().enqueue(stream);
        steps.forEach(step -> step.enqueue(stream));
    }

    /** Reads what has been counted, before other calls' counts take its place. */
    private void keepTotals() {
        countedAt.forEach((output, row) -> keptTotals.put(output, totalsAt(row)));
        countedAt.clear();
        buffers.forgetCounted();
    }

    /** Builds again when a buffer moved meanwhile: the second time every buffer is as large as it must be. */
    private List<Step> build(List<KernelCall> calls, List<String> counted) {
        while (true) {
            int before = workspace.moves();
            buffers.count(counted);
            List<Step> steps = new LaunchBuilder(model, buffers, inputs).build(calls);
            if (workspace.moves() == before) {
                return steps;
            }
        }
    }

    private void download(String name, long bytes) {
        if (bytes > 0) {
            workspace.stream().copyToHost(workspace.pinned(name, bytes).pointer(), workspace.buffer(name, bytes).pointer(), bytes);
        }
    }

    private ByteBuffer downloaded(String name, long bytes) {
        finish();
        return workspace.pinned(name, bytes).buffer();
    }

    private void finish() {
        if (!finished) {
            workspace.stream().synchronize();
            finished = true;
        }
    }

    @Override
    public void write(Population population, SpikeTensor source) {
        enter();
        if (source.rows() != inputs.rows()) {
            throw new IllegalArgumentException("spikes of %d rows for a batch of %d".formatted(source.rows(), inputs.rows()));
        }
        upload(buffers.makeSpikes(population, source.timesteps(), source.width()), source.words());
    }

    @Override
    public void writeQuery(int layer, int timesteps, float[] query) {
        enter();
        upload(buffers.makeQuery(layer, timesteps, width(query, timesteps)), MemorySegment.ofArray(query));
    }

    @Override
    public void writeCurrent(Population population, int timesteps, float[] current) {
        enter();
        upload(buffers.makeCurrent(population, timesteps, width(current, timesteps)), MemorySegment.ofArray(current));
    }

    @Override
    public void writeRates(Population population, float[] rates) {
        throw new UnsupportedOperationException("equilibrium mode has no CUDA kernels");
    }

    /** Of [rows, timesteps, width] values. */
    private int width(float[] values, int timesteps) {
        int width = values.length / inputs.rows() / timesteps;
        if ((long) inputs.rows() * timesteps * width != values.length) {
            throw new IllegalArgumentException("%d values are no whole number for each of %d rows and %d timesteps"
                    .formatted(values.length, inputs.rows(), timesteps));
        }
        return width;
    }

    private void upload(DeviceMemory memory, MemorySegment source) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment staged = arena.allocate(source.byteSize(), Long.BYTES).copyFrom(source);
            workspace.stream().copyToDevice(memory.pointer(), Pointer.to(staged.asByteBuffer()), source.byteSize());
            workspace.stream().synchronize();
        }
    }

    private ByteBuffer read(DeviceMemory memory, long bytes) {
        enter();
        finish();
        ByteBuffer host = ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(java.nio.ByteOrder.nativeOrder());
        workspace.stream().copyToHost(Pointer.to(host), memory.pointer(), bytes);
        workspace.stream().synchronize();
        return host;
    }

    @Override
    public SpikeTensor spikes(Population population) {
        RunBuffers.Spikes made = buffers.made(population);
        ByteBuffer host = read(made.memory(), buffers.spikeBytes(made.timesteps(), made.width()));
        return new SpikeTensor(MemorySegment.ofBuffer(host), inputs.rows(), made.timesteps(), made.width());
    }

    @Override
    public double[] rates(Population population) {
        throw new UnsupportedOperationException("equilibrium mode has no CUDA kernels");
    }

    @Override
    public double[] query(int layer) {
        RunBuffers.Real made = buffers.madeQuery(layer);
        float[] values = MemorySegment.ofBuffer(read(made.memory(), made.elements() * Float.BYTES)).toArray(ValueLayout.JAVA_FLOAT);
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    @Override
    public long[] spikeTotals(Population population) {
        return totals(population.toString());
    }

    @Override
    public long[] synapseTotals(Population population) {
        return totals(KernelCall.SynapseCount.output(population));
    }

    private long[] totals(String output) {
        enter();
        return Optional.ofNullable(countedAt.get(output)).map(this::totalsAt)
                .or(() -> Optional.ofNullable(keptTotals.get(output)).map(long[]::clone))
                .orElseThrow(() -> new IllegalStateException("no call has made the totals of " + output));
    }

    private long[] totalsAt(int row) {
        ByteBuffer all = downloaded("totals", (long) countedAt.size() * inputs.sequences() * Long.BYTES);
        long[] totals = new long[inputs.sequences()];
        all.asLongBuffer().get(row * inputs.sequences(), totals);
        return totals;
    }

    @Override
    public int[] unitCounts(Population population) {
        RunBuffers.Real made = buffers.madeUnitCounts(population);
        return MemorySegment.ofBuffer(read(made.memory(), made.elements() * Integer.BYTES)).toArray(ValueLayout.JAVA_INT);
    }

    @Override
    public double[][] logits() {
        enter();
        if (labels == 0) {
            throw new IllegalStateException("no call has made logits");
        }
        java.nio.DoubleBuffer all = downloaded("logits", (long) labels * inputs.sequences() * Double.BYTES).asDoubleBuffer();
        double[][] logits = new double[inputs.sequences()][labels];
        for (double[] row : logits) {
            all.get(row);
        }
        return logits;
    }

    private void enter() {
        if (!open) {
            throw new IllegalStateException("the run is closed");
        }
        model.device().makeCurrent();
    }

    @Override
    public void close() {
        if (open) {
            try {
                enter();
                finish();
            } finally {
                open = false;
                model.giveBack(workspace);
                owner.release();
            }
        }
    }
}
