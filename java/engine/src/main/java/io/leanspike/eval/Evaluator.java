package io.leanspike.eval;

import io.leanspike.backend.TokenBatch;
import io.leanspike.error.InvalidInputException;
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
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Runs a GLUE task: text to ids, ids to logits, logits to the task's metrics, and the account of what it cost. */
public final class Evaluator {
    private final InferenceSession session;
    private final Tokenizer tokenizer;
    private final ModelConfig config;
    private final int batchSize;
    private final EarlyExit exit;

    public Evaluator(InferenceSession session, Tokenizer tokenizer, ModelConfig config, int batchSize) {
        this(session, tokenizer, config, batchSize, EarlyExit.NEVER);
    }

    public Evaluator(InferenceSession session, Tokenizer tokenizer, ModelConfig config, int batchSize, EarlyExit exit) {
        this.session = session;
        this.tokenizer = tokenizer;
        this.config = config;
        this.batchSize = batchSize;
        this.exit = exit;
    }

    /**
     * @throws InvalidInputException when the model's labels do not fit the task, or a regression's sequences should leave early
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
        if (task.isRegression() && exit.margin() <= 1) {
            throw new InvalidInputException("early exit: %s has a score to predict and no decision that could settle".formatted(task));
        }
        long start = System.nanoTime();
        SpikeTally tally = new SpikeTally(session);
        List<String> notices = new ArrayList<>();
        List<EarlyExit.Stage> exits = new ArrayList<>();
        List<double[]> logits = logits(encodings, tally, notices, exits, progress);
        long finished = System.nanoTime();
        encodings.forEach(encoding -> tally.addDense(encoding.length()));

        List<Prediction> predictions = IntStream.range(0, examples.size())
                .mapToObj(i -> prediction(task, mapping, examples.get(i), logits.get(i)))
                .toList();
        if (!tally.cost().countsLiveWeights()) {
            notices.add("SOPs count weights of 0 too: this backend cannot tell them apart");
        }
        // The longest sequences come first, so the first batch is the largest.
        TokenBatch largest = LengthBatches.cut(encodings, batchSize, config).batches().getFirst().tokens();
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
                exits,
                notices);
    }

    /** Runs texts for what their spikes cost alone; no labels are needed. @throws IllegalArgumentException when there are no texts */
    public SpikeAccount account(List<TextInput> inputs) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("nothing to count: the list of texts is empty");
        }
        List<Encoding> encodings = tokenizer.encode(inputs);
        SpikeTally tally = new SpikeTally(session);
        run(session, encodings, tally, new ArrayList<>(), sequences -> {});
        encodings.forEach(encoding -> tally.addDense(encoding.length()));
        return new SpikeAccount(inputs.size(), encodings.stream().mapToLong(Encoding::length).sum(), List.copyOf(tally.activity()),
                tally.cost());
    }

    /** Logits of all sequences in order; those that are settled leave, and the others are cut into batches anew. */
    private List<double[]> logits(List<Encoding> encodings, SpikeTally tally, List<String> notices, List<EarlyExit.Stage> exits,
            Progress progress) {
        List<double[]> answers = new ArrayList<>(Collections.nCopies(encodings.size(), null));
        List<Integer> open = IntStream.range(0, encodings.size()).boxed().toList();
        List<InferenceSession> stages = session.stages(exit);
        progress.at(0, encodings.size());
        for (InferenceSession stage : stages) {
            boolean last = stage == stages.getLast();
            int left = encodings.size() - open.size();
            List<double[]> logits = run(stage, open.stream().map(encodings::get).toList(), tally, notices,
                    done -> progress.at(last ? left + done : left, encodings.size()));
            List<Integer> unsettled = new ArrayList<>();
            for (int i = 0; i < logits.size(); i++) {
                if (last || exit.settles(logits.get(i))) {
                    answers.set(open.get(i), logits.get(i));
                } else {
                    unsettled.add(open.get(i));
                }
            }
            if (stages.size() > 1) {
                exits.add(new EarlyExit.Stage(stage.schedule(), open.size() - unsettled.size()));
            }
            open = unsettled;
            if (open.isEmpty()) {
                break;
            }
        }
        progress.at(encodings.size(), encodings.size());
        return answers;
    }

    private List<double[]> run(InferenceSession stage, List<Encoding> encodings, SpikeTally tally, List<String> notices,
            IntConsumer progress) {
        LengthBatches batches = LengthBatches.cut(encodings, batchSize, config);
        AtomicInteger done = new AtomicInteger();
        return batches.inInputOrder(new BatchPipeline(stage, tally::add, notices::add).logits(
                batches.batches().stream().map(LengthBatch::tokens).toList(),
                sequences -> progress.accept(done.addAndGet(sequences))));
    }

    private static Prediction prediction(GlueTask task, LabelMapping mapping, GlueExample example, double[] logits) {
        double predicted = task.isRegression() ? logits[0] : mapping.taskLabel(Logits.winner(logits));
        return new Prediction(example.line(), example.gold(), predicted, logits);
    }
}
