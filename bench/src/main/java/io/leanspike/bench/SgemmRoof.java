package io.leanspike.bench;

import io.leanspike.backend.Projection;
import io.leanspike.model.ModelConfig;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
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

/** The roof beside {@link SpikeMatmul}: OpenBLAS's sgemm at the products' shapes, timesteps folded into the rows. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SgemmRoof {
    @Param({"SST2_TINY", "SPIKINGBERT_4"})
    public ModelShape shape;

    /** One of each shape. */
    @Param({"QUERY", "INTERMEDIATE", "OUTPUT"})
    public Projection projection;

    @Param({"4", "16"})
    public int timesteps;

    @Param({"1", "2"})
    public int threads;

    @Param("8")
    public int sequences;

    @Param("32")
    public int length;

    private Sgemm sgemm;

    @Setup
    public void open() {
        ModelConfig config = shape.oneLayer(timesteps);
        int inputs = projection == Projection.OUTPUT ? config.intermediateSize() : config.hiddenSize();
        int outputs = projection == Projection.INTERMEDIATE ? config.intermediateSize() : config.hiddenSize();
        sgemm = new Sgemm(sequences * length * timesteps, inputs, outputs, threads);
    }

    @Benchmark
    public void sgemm(OperationBenchmark.Products products) {
        sgemm.multiply();
        products.gmac += sgemm.gmac();
    }

    @TearDown
    public void close() {
        sgemm.close();
    }
}
