package io.leanspike.train;

import ai.djl.ndarray.NDManager;
import io.leanspike.error.InvalidInputException;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.data.TextCorpus;
import io.leanspike.train.loop.TrainingFolder;
import io.leanspike.train.loop.TrainingLoop;
import io.leanspike.train.loop.TrainingProgress;
import io.leanspike.train.loop.TrainingState;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.pretrained.PretrainedSource;
import io.leanspike.train.student.GeneralLearner;
import io.leanspike.train.student.StudentSettings;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "general",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Distils a pretrained encoder into a spiking student on text without labels: hidden states and attention scores. "
                    + "leanspike train student --start DIR continues with it on a task. "
                    + "The score is the relative error on every twentieth text, or about 1000 of many, which are not trained on.", ""
        })
final class GeneralCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final PrintWriter err;

    @Mixin
    private TextOptions text;

    @Mixin
    private PlanOptions options;

    @Mixin
    private StudentOptions student;

    @Option(names = "--from", paramLabel = "SOURCE", required = true,
            description = "minilm, bge-small, e5-small, a folder in Hugging Face's layout, or an ONNX file.")
    private String from;

    GeneralCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        options.useThreads();
        TrainingProgress progress = new TrainingProgress(err);
        PretrainedEncoder source = PretrainedSource.read(from).withPositions(text.maxTokens());
        StudentSettings settings = student.settings(source, 0, 0, 1);
        if (settings.weights().hidden() == 0) {
            throw new InvalidInputException("--hidden-weight must be above 0: the score is the error of the hidden states");
        }
        try (TrainingFolder _ = options.target();
                Tokenizer tokenizer = Tokenizer.open(
                        options.vocabularyFolder(source.vocabulary()), source.shape().positions(), source.shape().vocabulary());
                TextCorpus corpus = TextCorpus.of(text::read, tokenizer, options.out().resolve("training").resolve("texts.tokens"));
                NDManager manager = options.manager()) {
            EncoderParameters teacher = new EncoderParameters(
                    manager, source, IntStream.range(0, source.shape().layers()).boxed().toList(), 0, options.seed()).freeze();
            GeneralLearner learner = new GeneralLearner(manager,
                    student.student(manager, settings, source, teacher, corpus.training(), 0, options.seed(), false, progress),
                    teacher, corpus.training(), corpus.heldOut());
            String words = "general student of %s, %s, %s, %s with %d texts of %d tokens, %s".formatted(
                    from, student, settings, text, corpus.count(), corpus.tokens(), options);
            TrainingState end = new TrainingLoop(
                    learner, options.plan(), corpus.training(), options.out(), words, progress).run();
            out.println("%s: best held-out error of hidden states %.2f%%, at step %d of %d".formatted(
                    options.out(), -100 * end.best(), end.bestStep(), end.step()));
        }
        return 0;
    }
}
