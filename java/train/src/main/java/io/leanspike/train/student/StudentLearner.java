package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.schedule.Mode;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.TaskScore;
import io.leanspike.train.data.Texts;
import io.leanspike.train.loop.Learner;
import io.leanspike.train.loop.Loss;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.nn.Trained;
import io.leanspike.train.nn.WordTable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.LongStream;

/** Distils a fine-tuned teacher into a student for its task. Dev is scored by the engine on the student as it would be saved. */
public final class StudentLearner implements Learner {
    private final NDManager manager;
    private final Student student;
    private final StudentForward forward;
    private final EncoderParameters teacher;
    private final TaskExamples train;
    private final Texts texts;
    private final TaskExamples dev;
    private final Path scratch;

    /**
     * @param teacher frozen
     * @param texts those of {@code train}, and behind them others, without labels
     * @param scratch folder for the student that the engine scores
     */
    public StudentLearner(NDManager manager, Student student, EncoderParameters teacher, TaskExamples train, Texts texts, TaskExamples dev,
            Path scratch) {
        this.manager = manager;
        this.student = student;
        this.teacher = teacher;
        this.train = train;
        this.texts = texts;
        this.dev = dev;
        this.scratch = scratch;
        forward = student.forward(student.settings().codings());
    }

    @Override
    public Trained trained() {
        return student;
    }

    @Override
    public BatchLoss loss(int[] batch, double progress) {
        TokenTensors tokens = TokenTensors.of(manager, texts.select(batch));
        BertForward guide = new BertForward(teacher, 0);
        Activations target = guide.run(tokens, teacher.words().rows(tokens.distinct()));
        WordTable.Rows rows = student.words().rows(tokens.distinct());
        Activations made = forward.run(tokens, rows);
        NDArray logits = forward.logits(made);
        StudentSettings.LossWeights weights = student.settings().weights();
        Loss.Sum sum = new Loss.Sum(manager)
                .add("label", labelled(batch).length == 0 ? 0 : weights.label(), () -> label(batch, logits))
                .add("prediction", weights.prediction(), () -> prediction(logits, guide.logits(target)));
        student.layerLoss().addTo(sum, made, target, tokens);
        return new BatchLoss(rows, sum.loss(), tokens.tokens());
    }

    /** Places in a batch of the texts that have labels. */
    private long[] labelled(int[] batch) {
        return LongStream.range(0, batch.length).filter(i -> batch[(int) i] < train.size()).toArray();
    }

    private NDArray label(int[] batch, NDArray logits) {
        long[] places = labelled(batch);
        int[] examples = Arrays.stream(places).mapToInt(place -> batch[(int) place]).toArray();
        return TaskScore.loss(train, Torch.rows(manager.create(places), logits), TaskScore.golds(train, manager, examples));
    }

    /** Soft cross-entropy at the temperature, times its square (arXiv 1503.02531); squared error for regression. */
    private NDArray prediction(NDArray logits, NDArray teachers) {
        if (train.task().isRegression()) {
            return logits.sub(teachers).square().mean();
        }
        double temperature = student.settings().weights().temperature();
        NDArray target = teachers.div(temperature).softmax(-1);
        NDArray logs = Torch.times(logits, 1 / temperature).logSoftmax(-1);
        return Torch.times(target.mul(logs).sum(new int[] {-1}).mean(), -temperature * temperature);
    }

    @Override
    public SequencedMap<String, Double> evaluate() {
        export(scratch);
        ModelOptions options = ModelOptions.DEFAULTS.withMode(
                student.settings().forward() == StudentSettings.Forward.EQUILIBRIUM ? Mode.EQUILIBRIUM : Mode.SPIKING);
        try (SpikingModel model = SpikingModel.open(scratch, options)) {
            return new LinkedHashMap<>(model.evaluate(dev.task(), dev.examples()).metrics());
        }
    }

    /** Logits of examples by the trainer's own forward pass. */
    public float[][] logits(TaskExamples examples) {
        return TaskScore.logits(examples, manager, tokens -> forward.logits(forward.run(tokens, student.words().rows(tokens.distinct()))));
    }

    /** The student as the engine reads it; in {@code training/}, the float32 weights behind it, from which another training may start. */
    @Override
    public void save(Path folder) {
        export(folder);
        student.saveWeights(folder);
    }

    private void export(Path folder) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            StudentFiles.write(folder, student, TaskScore.labels(train.task()));
        }
    }
}
