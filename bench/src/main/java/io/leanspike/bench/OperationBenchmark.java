package io.leanspike.bench;

import io.leanspike.BackendSelection;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks of single operations share: shape, timesteps, density, threads, and one planned call run again and again. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public abstract class OperationBenchmark {
    /** Reported a second: {@code gmac} as GMAC/s, dense-equivalent. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Products {
        public double gmac;
    }

    @Param({"SST2_TINY", "SPIKINGBERT_4"})
    public ModelShape shape;

    @Param({"4", "16"})
    public int timesteps;

    @Param({"1", "2"})
    public int threads;

    @Param("8")
    public int sequences;

    @Param("32")
    public int length;

    @Param("auto")
    public String backend;

    private BackendSelection selection;
    private SyntheticModel model;
    private LoadedModel loaded;
    private OperationRun run;
    private KernelCall call;

    /** Spikes that the operation reads. */
    protected abstract Density density();

    /** The call of the plan to measure. */
    abstract KernelCall choose(OperationRun operations);

    @Setup
    public void open() {
        selection = BackendSelection.open(backend, "auto", threads);
        selection.note().ifPresent(System.err::println);
        model = new SyntheticModel(shape.oneLayer(timesteps));
        loaded = selection.backend().load(model.config(), model.weights());
        run = new OperationRun(selection.backend(), model, loaded, batch(), timesteps, density());
        call = choose(run);
    }

    SyntheticBatch batch() {
        return new SyntheticBatch(sequences, length);
    }

    KernelCall call() {
        return call;
    }

    void execute() {
        run.execute(call);
    }

    @TearDown
    public void close() {
        run.close();
        loaded.close();
        selection.backend().close();
        model.close();
    }
}
