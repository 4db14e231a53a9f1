package io.leanspike.bench;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.InferenceSession;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueTask;
import io.leanspike.text.LengthBatch;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
import org.openjdk.jmh.infra.Blackhole;

/** A whole evaluation of SST-2's dev sentences (872 in the official file); one operation is all of them once. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class EvaluateSst2 {
    /** Reported a second. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Sentences {
        public long sentences;
    }

    /** Checkpoint folder; empty: sst2-tiny in the folder that -Dleanspike.shared names. */
    @Param("")
    public String model;

    /** dev.tsv or a GLUE folder; empty: in the folder that -Dleanspike.shared names. */
    @Param("")
    public String data;

    @Param("16")
    public int timesteps;

    @Param({"1", "2"})
    public int threads;

    @Param("32")
    public int batchSize;

    @Param("auto")
    public String backend;

    private List<GlueExample> examples;
    private TokenizedText text;
    private InferenceSession session;
    private SpikingModel spikingModel;

    @Setup
    public void open() {
        Sst2 sst2 = Sst2.locate(model, data);
        examples = sst2.examples();
        text = TokenizedText.open(sst2, backend, threads, batchSize, timesteps);
        session = text.session();
        spikingModel = SpikingModel.open(sst2.model(), ModelOptions.DEFAULTS
                .withBackend(backend).withThreads(threads).withBatchSize(batchSize).withTimesteps(timesteps));
    }

    /** Token ids to logits: the batches are cut already. */
    @Benchmark
    public void forward(Sentences sentences, Blackhole logits) {
        for (LengthBatch batch : text.batches()) {
            logits.consume(session.logits(batch.tokens()));
            sentences.sentences += batch.inputs().length;
        }
    }

    /** Text to metrics: tokenizing, batching, forward passes, accounting. */
    @Benchmark
    public Evaluation evaluate(Sentences sentences) {
        sentences.sentences += examples.size();
        return spikingModel.evaluate(GlueTask.SST_2, examples);
    }

    @TearDown
    public void close() {
        spikingModel.close();
        text.close();
    }
}
