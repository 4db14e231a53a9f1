package io.leanspike.eval;

import io.leanspike.backend.TokenBatch;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.text.Encoding;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueTask;
import io.leanspike.text.LabelMapping;
import io.leanspike.text.LengthBatch;
import io.leanspike.text.LengthBatches;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Runs a GLUE task: text to ids, ids to logits, logits to the task's metrics, and the account of what it cost. */
public final class Evaluator {
    private final InferenceSession session;
    private final Tokenizer tokenizer;
    private final ModelConfig config;
    private final int batchSize;

    public Evaluator(InferenceSession session, Tokenizer tokenizer, ModelConfig config, int batchSize) {
        this.session = session;
        this.tokenizer = tokenizer;
        this.config = config;
        this.batchSize = batchSize;
    }

    /**
     * @throws io.leanspike.error.InvalidInputException when the model's labels do not fit the task
     * @throws IllegalArgumentException when there are no examples
     */
    public Evaluation evaluate(GlueTask task, List<GlueExample> examples, Progress progress) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("nothing to evaluate: the list of examples is empty");
        }
        long start = System.nanoTime();
        List<Encoding> encodings = tokenizer.encode(examples.stream().map(GlueExample::input).toList());
        return evaluate(task, examples, encodings, (System.nanoTime() - start) * 1e-9, progress);
    }

    /**
     * As above, of texts that have been turned into ids already.
     *
     * @param encodings of the examples, in their order
     * @param tokenizeSeconds what that took
     */
    public Evaluation evaluate(GlueTask task, List<GlueExample> examples, List<Encoding> encodings, double tokenizeSeconds,
            Progress progress) {
        LabelMapping mapping = LabelMapping.of(task, config.labels());
        long start = System.nanoTime();
        SpikeTally tally = new SpikeTally(session.weights());
        LengthBatches batches = LengthBatches.cut(encodings, batchSize, config);
        List<String> notices = new ArrayList<>();
        AtomicInteger done = new AtomicInteger();
        progress.at(0, examples.size());
        List<List<double[]>> results = new BatchPipeline(session, tally::add, notices::add).logits(
                batches.batches().stream().map(LengthBatch::tokens).toList(),
                sequences -> progress.at(done.addAndGet(sequences), examples.size()));
        List<double[]> logits = batches.inInputOrder(results);
        long finished = System.nanoTime();

        List<Prediction> predictions = IntStream.range(0, examples.size())
                .mapToObj(i -> prediction(task, mapping, examples.get(i), logits.get(i)))
                .toList();
        // The longest sequences come first, so the first batch is the largest.
        TokenBatch largest = batches.batches().getFirst().tokens();
        ExecutionPlan plan = session.plan(largest);
        return new Evaluation(
                task,
                TaskMetrics.compute(task, predictions.stream().mapToDouble(Prediction::predicted).toArray(),
                        predictions.stream().mapToDouble(Prediction::gold).toArray()),
                predictions,
                (int) encodings.stream().filter(Encoding::truncated).count(),
                encodings.stream().mapToLong(Encoding::length).sum(),
                tokenizeSeconds,
                (finished - start) * 1e-9,
                plan,
                List.copyOf(tally.activity()),
                tally.cost(),
                notices);
    }

    /** Runs texts for what their spikes cost alone; no labels are needed. @throws IllegalArgumentException when there are no texts */
    public SpikeAccount account(List<TextInput> inputs) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("nothing to count: the list of texts is empty");
        }
        List<Encoding> encodings = tokenizer.encode(inputs);
        SpikeTally tally = new SpikeTally(session.weights());
        List<LengthBatch> batches = LengthBatches.cut(encodings, batchSize, config).batches();
        new BatchPipeline(session, tally::add, notice -> {}).logits(batches.stream().map(LengthBatch::tokens).toList(), sequences -> {});
        return new SpikeAccount(inputs.size(), encodings.stream().mapToLong(Encoding::length).sum(), List.copyOf(tally.activity()), tally.cost());
    }

    private static Prediction prediction(GlueTask task, LabelMapping mapping, GlueExample example, double[] logits) {
        double predicted = task.isRegression() ? logits[0] : mapping.taskLabel(Logits.winner(logits));
        return new Prediction(example.line(), example.gold(), predicted, logits);
    }
}
