package io.leanspike.train;

import ai.djl.ndarray.NDManager;
import io.leanspike.error.InvalidInputException;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.Texts;
import io.leanspike.train.loop.TrainingFolder;
import io.leanspike.train.loop.TrainingLoop;
import io.leanspike.train.loop.TrainingProgress;
import io.leanspike.train.loop.TrainingState;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.pretrained.PretrainedSource;
import io.leanspike.train.student.Student;
import io.leanspike.train.student.StudentLearner;
import io.leanspike.train.student.StudentSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "student",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {"Distils a fine-tuned teacher into a spiking student that the engine runs. Dev is scored by the engine.", ""})
final class StudentCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final PrintWriter err;

    @Mixin
    private TaskOptions task;

    @Mixin
    private PlanOptions options;

    @Option(names = "--teacher", paramLabel = "DIR", required = true, description = "Folder that leanspike train teacher made.")
    private Path teacherFolder;

    @Mixin
    private StudentOptions student;

    @Mixin
    private MoreTextOptions moreText;

    @Mixin
    private PruneOptions prune;

    @Option(names = "--label-weight", paramLabel = "W", description = "Of the true answers in the loss (default: ${DEFAULT-VALUE}).")
    private double label = 0.5;

    @Option(names = "--prediction-weight", paramLabel = "W", description = "Of the teacher's logits (default: ${DEFAULT-VALUE}).")
    private double prediction = 1;

    @Option(names = "--temperature", paramLabel = "T", description = "Of the logits (default: ${DEFAULT-VALUE}).")
    private double temperature = 1;

    StudentCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        options.useThreads();
        TrainingProgress progress = new TrainingProgress(err);
        GlueTask glue = task.task();
        PretrainedEncoder source = PretrainedSource.read(teacherFolder.toString()).withPositions(task.maxTokens());
        if (!source.has("classifier.weight")) {
            throw new InvalidInputException(teacherFolder + " has no classifier: name a folder that leanspike train teacher made");
        }
        StudentSettings settings = student.settings(source, label, prediction, temperature);
        try (TrainingFolder _ = options.target();
                Tokenizer tokenizer = Tokenizer.open(teacherFolder, source.shape().positions(), source.shape().vocabulary());
                NDManager manager = options.manager()) {
            TaskExamples train = task.train(tokenizer);
            TaskExamples dev = task.dev(tokenizer);
            Texts texts = moreText.of(glue, train.texts(), source, tokenizer, manager, options.seed());
            EncoderParameters teacher = new EncoderParameters(manager, source,
                    IntStream.range(0, source.shape().layers()).boxed().toList(), train.outputs(), options.seed()).freeze();
            Student made = student.student(
                    manager, settings, source, teacher, train.texts(), train.outputs(), options.seed(), prune.isAsked(), progress);
            StudentLearner learner = new StudentLearner(manager, made, teacher, train, texts, dev,
                    options.out().resolve("training").resolve("candidate"), prune.pruning(made));
            String words = "student of %s, %s, %s, %s, %s, %s, %s".formatted(
                    teacherFolder, student, settings, prune, task, moreText, options);
            TrainingState end = new TrainingLoop(
                    learner, options.plan(), texts, options.out(), words, progress).run();
            out.println("%s: best dev %s %.2f%% in the engine, at step %d of %d".formatted(
                    options.out(), glue.metrics().getFirst(), 100 * end.best(), end.bestStep(), end.step()));
        }
        return 0;
    }
}
