package io.leanspike.train;

import ai.djl.ndarray.NDManager;
import io.leanspike.error.InvalidInputException;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.Encoding;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.loop.TrainingLoop;
import io.leanspike.train.loop.TrainingProgress;
import io.leanspike.train.loop.TrainingState;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.pretrained.PretrainedSource;
import io.leanspike.train.student.SpikingStart;
import io.leanspike.train.student.StudentLearner;
import io.leanspike.train.student.StudentSettings;
import io.leanspike.train.student.WeightBits;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
    /** Training sentences that the teacher's values are measured on. */
    private static final int CALIBRATION = 2000;

    private final PrintWriter out;
    private final PrintWriter err;

    @Mixin
    private TaskOptions task;

    @Mixin
    private PlanOptions options;

    @Option(names = "--teacher", paramLabel = "DIR", required = true, description = "Folder that leanspike train teacher made.")
    private Path teacherFolder;

    @Option(names = "--start", paramLabel = "DIR",
            description = "Start as the student trained in this folder (default: as the teacher's layers).")
    private Optional<Path> startFolder = Optional.empty();

    @Option(names = "--layers", paramLabel = "N", description = "Layers of the student (default: as many as the teacher's).")
    private Optional<Integer> layers = Optional.empty();

    @Option(names = "--forward", paramLabel = "HOW",
            description = "What stands for the neurons in training: equilibrium, rates or spikes (default: ${DEFAULT-VALUE}).")
    private StudentSettings.Forward forward = StudentSettings.Forward.SPIKES;

    @Option(names = "--timesteps", paramLabel = "T",
            description = "Trained for and scored at: one number, or one a layer, as 4,4,2,2 (default: ${DEFAULT-VALUE}).")
    private String timesteps = "4";

    @Option(names = "--initial-potential", paramLabel = "SHARE", description = "Of the threshold (default: ${DEFAULT-VALUE}).")
    private double initialPotential = 0.5;

    @Option(names = "--weights", paramLabel = "BITS",
            description = "Encoder matrices: float, ternary (1.58 bits) or binary (default: ${DEFAULT-VALUE}).")
    private WeightBits bits = WeightBits.TERNARY;

    @Option(names = "--range", paramLabel = "DEVIATIONS",
            description = "Values that rates 0 and 1 stand for at the start, in standard deviations from the mean (default: ${DEFAULT-VALUE}).")
    private double range = 1.25;

    @Option(names = "--gelu-range", paramLabel = "RMS",
            description = "Value of GELU that rate 1 stands for at the start, in root mean squares (default: ${DEFAULT-VALUE}).")
    private double geluRange = 4;

    @Option(names = "--label-weight", paramLabel = "W", description = "Of the true answers in the loss (default: ${DEFAULT-VALUE}).")
    private double label = 0.5;

    @Option(names = "--prediction-weight", paramLabel = "W", description = "Of the teacher's logits (default: ${DEFAULT-VALUE}).")
    private double prediction = 1;

    @Option(names = "--hidden-weight", paramLabel = "W", description = "Of the teacher's hidden states (default: ${DEFAULT-VALUE}).")
    private double hidden = 1;

    @Option(names = "--attention-weight", paramLabel = "W",
            description = "Of the teacher's attention scores (default: ${DEFAULT-VALUE}).")
    private double attention = 0.5;

    @Option(names = "--settling-weight", paramLabel = "W",
            description = "Of rates between 0 and 1, which few timesteps run badly (default: ${DEFAULT-VALUE}).")
    private double settling = 0;

    @Option(names = "--temperature", paramLabel = "T", description = "Of the logits (default: ${DEFAULT-VALUE}).")
    private double temperature = 1;

    StudentCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        check();
        options.useThreads();
        GlueTask glue = task.task();
        PretrainedEncoder source = PretrainedSource.read(teacherFolder.toString()).withPositions(task.maxTokens());
        int count = layers.orElse(source.shape().layers());
        if (count < 1 || count > source.shape().layers()) {
            throw new InvalidInputException("--layers %d: from 1 to the teacher's %d".formatted(count, source.shape().layers()));
        }
        // Evenly spread, the last one included.
        List<Integer> from = IntStream.range(0, count).mapToObj(i -> (i + 1) * source.shape().layers() / count - 1).toList();
        StudentSettings settings = new StudentSettings(from, forward, schedule(count), initialPotential, bits,
                new StudentSettings.LossWeights(label, prediction, hidden, attention, settling, temperature));
        try (Tokenizer tokenizer = Tokenizer.open(teacherFolder, source.shape().positions(), source.shape().vocabulary());
                NDManager manager = Torch.manager()) {
            TaskExamples train = task.train(tokenizer);
            TaskExamples dev = task.dev(tokenizer);
            EncoderParameters teacher = new EncoderParameters(manager, source,
                    IntStream.range(0, source.shape().layers()).boxed().toList(), train.outputs(), options.seed()).freeze();
            List<Encoding> texts = train.encodings().subList(0, Math.min(CALIBRATION, train.size()));
            SpikingStart.Start start = SpikingStart.of(source, manager, teacher, texts, from, new SpikingStart.Ranges(range, geluRange));
            StudentLearner learner = new StudentLearner(manager, settings, teacher, start, train, dev, options.seed(),
                    options.out().resolve("training").resolve("candidate"));
            startFolder.ifPresent(learner::startAs);
            String words = "student of %s, start %s, ranges %s and %s, %s, %s, %s".formatted(
                    teacherFolder, startFolder.map(Path::toString).orElse("teacher"), range, geluRange, settings, task, options);
            TrainingState end = new TrainingLoop(
                    learner, options.plan(), train.encodings(), options.out(), words, new TrainingProgress(err)).run(options.resume());
            out.println("%s: best dev %s %.2f%% in the engine, at step %d of %d".formatted(
                    options.out(), glue.metrics().getFirst(), 100 * end.best(), end.bestStep(), end.step()));
        }
        return 0;
    }

    private TimestepSchedule schedule(int count) {
        try {
            return TimestepSchedule.parse(timesteps, count);
        } catch (InvalidInputException e) {
            throw new InvalidInputException("--" + e.getMessage(), e);
        }
    }

    private void check() {
        if (!(initialPotential >= 0 && initialPotential < 1) || !(temperature > 0)) {
            throw new InvalidInputException("--initial-potential must be from 0 to below 1, --temperature above 0");
        }
        if (!(range > 0 && geluRange > 0)) {
            throw new InvalidInputException("--range and --gelu-range must be above 0");
        }
        if (!(label >= 0 && prediction >= 0 && hidden >= 0 && attention >= 0 && settling >= 0) || label + prediction + hidden + attention == 0) {
            throw new InvalidInputException("the loss weights must be at least 0, and not all 0");
        }
    }
}
