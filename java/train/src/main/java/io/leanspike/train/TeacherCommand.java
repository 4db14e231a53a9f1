package io.leanspike.train;

import ai.djl.ndarray.NDManager;
import io.leanspike.error.InvalidInputException;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.loop.TrainingFolder;
import io.leanspike.train.loop.TrainingLoop;
import io.leanspike.train.loop.TrainingProgress;
import io.leanspike.train.loop.TrainingState;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.pretrained.EncoderShape;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.pretrained.PretrainedSource;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "teacher",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {"Fine-tunes a pretrained BERT encoder with a linear head on a GLUE task.", ""})
final class TeacherCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final PrintWriter err;

    @Mixin
    private TaskOptions task;

    @Mixin
    private PlanOptions options;

    @Option(names = "--from", paramLabel = "SOURCE", required = true,
            description = "minilm, bge-small, e5-small, a folder in Hugging Face's layout, or an ONNX file.")
    private String from;

    @Option(names = "--dropout", paramLabel = "RATE", description = "In training (default: ${DEFAULT-VALUE}).")
    private float dropout = 0.1f;

    TeacherCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new InvalidInputException("--dropout %s: from 0 to below 1".formatted(dropout));
        }
        options.useThreads();
        GlueTask glue = task.task();
        PretrainedEncoder source = PretrainedSource.read(from);
        EncoderShape shape = source.shape();
        try (TrainingFolder _ = options.target();
                Tokenizer tokenizer = Tokenizer.open(options.vocabularyFolder(source.vocabulary()), Math.min(task.maxTokens(), shape.positions()),
                        shape.vocabulary());
                NDManager manager = options.manager()) {
            TaskExamples train = task.train(tokenizer);
            TaskExamples dev = task.dev(tokenizer);
            EncoderParameters parameters = new EncoderParameters(
                    manager, source, IntStream.range(0, shape.layers()).boxed().toList(), train.outputs(), options.seed());
            TeacherLearner learner = new TeacherLearner(manager, parameters, source.vocabulary(), dropout, train, dev);
            String settings = "teacher from %s, dropout %s, %s, %s".formatted(from, dropout, task, options);
            TrainingState end = new TrainingLoop(
                    learner, options.plan(), train.texts(), options.out(), settings, new TrainingProgress(err)).run();
            out.println("%s: best dev %s %.2f%% at step %d of %d".formatted(
                    options.out(), glue.metrics().getFirst(), 100 * end.best(), end.bestStep(), end.step()));
        }
        return 0;
    }
}
