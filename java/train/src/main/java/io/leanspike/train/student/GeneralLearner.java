package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.train.data.BatchPlan;
import io.leanspike.train.data.Texts;
import io.leanspike.train.loop.Learner;
import io.leanspike.train.loop.Loss;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Trained;
import io.leanspike.train.nn.WordTable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * General distillation: a student learns the hidden states and attention scores of a pretrained encoder on text without labels. Its score
 * is the relative error on text that it is not trained on, as spikes or at equilibrium, as it will run.
 */
public final class GeneralLearner implements Learner {
    private static final int SEQUENCES = 64;
    private static final int TOKENS = 2048;

    private final NDManager manager;
    private final Student student;
    private final BertForward teacher;
    private final Texts train;
    private final Texts heldOut;

    /** @param student with weight on hidden states @param teacher frozen */
    public GeneralLearner(NDManager manager, Student student, EncoderParameters teacher, Texts train, Texts heldOut) {
        this.manager = manager;
        this.student = student;
        this.teacher = BertForward.frozen(teacher);
        this.train = train;
        this.heldOut = heldOut;
    }

    @Override
    public Trained trained() {
        return student;
    }

    /** A batch with what teacher and student make of it. */
    private record Run(TokenTensors tokens, WordTable.Rows rows, Activations made, Activations target) {}

    private Run run(StudentForward with, Texts texts, int[] batch) {
        TokenTensors tokens = TokenTensors.of(manager, texts.select(batch));
        Activations target = teacher.run(tokens, teacher.parameters().words().rows(tokens.distinct()));
        WordTable.Rows rows = student.rows(tokens);
        return new Run(tokens, rows, with.run(tokens, rows), target);
    }

    @Override
    public BatchLoss loss(int[] batch, double progress) {
        Leaves leaves = student.addTo(Leaves.forTraining(), student.settings().hardening().ofWeights(progress));
        Run run = run(student.forward(leaves, student.settings().codings(progress)), train, batch);
        Loss.Sum sum = new Loss.Sum(manager);
        student.layerLoss(leaves).addTo(sum, run.made(), run.target(), run.tokens());
        return new BatchLoss(leaves, run.rows(), sum.loss(), run.tokens().tokens());
    }

    @Override
    public SequencedMap<String, Double> evaluate() {
        double hidden = 0;
        double attention = 0;
        long tokens = 0;
        try (NDScope all = new NDScope()) {
            all.suppressNotUsedWarning();
            Leaves leaves = student.addTo(Leaves.frozen());
            StudentForward asItRuns = student.forward(leaves, student.settings().codingsAsRun());
            LayerLoss loss = student.layerLoss(leaves);
            for (int[] batch : BatchPlan.byLength(heldOut, SEQUENCES, TOKENS).batches()) {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    Run run = run(asItRuns, heldOut, batch);
                    hidden += run.tokens().tokens() * error(loss.hidden(run.made(), run.target(), run.tokens()));
                    attention += run.tokens().tokens() * error(loss.attention(run.made(), run.target(), run.tokens()));
                    tokens += run.tokens().tokens();
                }
            }
        }
        SequencedMap<String, Double> errors = new LinkedHashMap<>();
        errors.put("hidden_error", hidden / tokens);
        errors.put("attention_error", attention / tokens);
        return errors;
    }

    private static double error(NDArray value) {
        return value.getFloat();
    }

    @Override
    public boolean mayBeBest(double progress) {
        return student.settings().hardening().isComplete(progress);
    }

    @Override
    public boolean isLowerBetter() {
        return true;
    }

    /** The float32 weights, from which a training on a task may start. Without a task there is nothing for the engine to run. */
    @Override
    public void save(Path folder) {
        student.saveWeights(folder);
    }
}
