package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.model.Safetensors;
import io.leanspike.schedule.Mode;
import io.leanspike.train.data.BatchPlan;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.TaskScore;
import io.leanspike.train.loop.Learner;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TensorFile;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.WordTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Distils a teacher into a spiking student. Dev is scored by the engine on the student as it would be saved. */
public final class StudentLearner implements Learner {
    private final NDManager manager;
    private final StudentSettings settings;
    private final EncoderParameters student;
    private final List<HiddenFit> fits;
    private final StudentForward forward;
    private final EncoderParameters teacher;
    private final TaskExamples train;
    private final TaskExamples dev;
    private final List<String> vocabulary;
    private final Path scratch;

    /**
     * @param teacher frozen
     * @param start what the student starts as
     * @param scratch folder for the student that the engine scores
     */
    public StudentLearner(NDManager manager, StudentSettings settings, EncoderParameters teacher, SpikingStart.Start start,
            TaskExamples train, TaskExamples dev, long seed, Path scratch) {
        this.manager = manager;
        this.settings = settings;
        this.teacher = teacher;
        this.train = train;
        this.dev = dev;
        this.scratch = scratch;
        this.vocabulary = start.encoder().vocabulary();
        List<Integer> all = new ArrayList<>();
        for (int layer = 0; layer < settings.layers().size(); layer++) {
            all.add(layer);
        }
        student = new EncoderParameters(manager, start.encoder(), all, train.outputs(), seed);
        fits = new ArrayList<>();
        if (settings.weights().hidden() > 0) {
            for (int i = 0; i < start.hidden().size(); i++) {
                fits.add(HiddenFit.of(manager, Integer.toString(i), start.hidden().get(i)));
            }
        }
        forward = new StudentForward(student, settings.codings(), settings.bits());
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(student.all());
        fits.forEach(fit -> all.addAll(fit.all()));
        return all;
    }

    @Override
    public WordTable words() {
        return student.words();
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = student.state();
        for (HiddenFit fit : fits) {
            for (Parameter parameter : fit.all()) {
                parameter.addTo(state);
            }
        }
        return state;
    }

    @Override
    public BatchLoss loss(int[] batch, double progress) {
        TokenTensors tokens = TokenTensors.of(manager, BatchPlan.select(train.encodings(), batch));
        Activations target = new BertForward(teacher, 0).run(tokens, teacher.words().rows(tokens.distinct()));
        WordTable.Rows rows = student.words().rows(tokens.distinct());
        Activations made = forward.run(tokens, rows);
        NDArray golds = TaskScore.golds(train, manager, batch);
        return new BatchLoss(rows, new DistillationLoss(settings, fits, train).of(made, target, tokens, golds), tokens.tokens());
    }

    @Override
    public SequencedMap<String, Double> evaluate() {
        export(scratch);
        ModelOptions options = ModelOptions.DEFAULTS.withMode(
                settings.forward() == StudentSettings.Forward.EQUILIBRIUM ? Mode.EQUILIBRIUM : Mode.SPIKING);
        try (SpikingModel model = SpikingModel.open(scratch, options)) {
            return new LinkedHashMap<>(model.evaluate(dev.task(), dev.examples()).metrics());
        }
    }

    /** Logits of examples by the trainer's own forward pass. */
    public float[][] logits(TaskExamples examples) {
        return TaskScore.logits(examples, manager, tokens -> forward.run(tokens, student.words().rows(tokens.distinct())).logits());
    }

    /** The student as the engine reads it; in {@code training/}, the float32 weights behind it, from which another training may start. */
    @Override
    public void save(Path folder) {
        export(folder);
        TensorFile.write(weightsFile(folder), values(), Map.of());
    }

    /** Starts as the best student of another training. @throws io.leanspike.error.InvalidInputException when the folder has none of this shape */
    public void startAs(Path folder) {
        try (Safetensors file = Safetensors.open(weightsFile(folder))) {
            Map<String, NDArray> known = values();
            known.keySet().removeIf(name -> name.startsWith("fit.") && file.find(name).isEmpty());
            TensorFile.read(file, known);
        }
    }

    private static Path weightsFile(Path folder) {
        return folder.resolve("training").resolve("best.safetensors");
    }

    private Map<String, NDArray> values() {
        Map<String, NDArray> values = new LinkedHashMap<>();
        parameters().forEach(parameter -> values.put(parameter.name(), parameter.value()));
        values.put("embeddings.word_embeddings.weight", student.words().value());
        return values;
    }

    private void export(Path folder) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            StudentFiles.write(folder, student, settings, TaskScore.labels(train.task()), vocabulary);
        }
    }
}
