package io.leanspike.train;

import ai.djl.ndarray.NDManager;
import io.leanspike.error.InvalidInputException;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.train.data.Texts;
import io.leanspike.train.loop.TrainingProgress;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.student.Hardening;
import io.leanspike.train.student.SpikingStart;
import io.leanspike.train.student.Student;
import io.leanspike.train.student.StudentSettings;
import io.leanspike.train.student.WeightBits;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** The options that say what a student is, and how it follows its teacher's layers. */
final class StudentOptions {
    /** Training sentences that the teacher's values are measured on. */
    private static final int CALIBRATION = 2000;

    @Option(names = "--start", paramLabel = "DIR",
            description = "Start as the student trained in this folder, of any task (default: as the teacher's layers).")
    private Optional<Path> startFolder = Optional.empty();

    @Option(names = "--keep-of", paramLabel = "DIR",
            description = "Silence, from the start, the units that this model lacks: what leanspike compress prune or apply left of the"
                    + " student in --start.")
    private Optional<Path> keptFolder = Optional.empty();

    @Option(names = "--layers", paramLabel = "N", description = "Layers of the student (default: as many as the teacher's).")
    private Optional<Integer> layers = Optional.empty();

    @Option(names = "--forward", paramLabel = "HOW",
            description = "What stands for the neurons in training: equilibrium, rates, mean_field (rates with the noise of spikes) or spikes"
                    + " (default: ${DEFAULT-VALUE}).")
    private StudentSettings.Forward forward = StudentSettings.Forward.SPIKES;

    @Option(names = "--timesteps", paramLabel = "T",
            description = "Trained for and scored at: one number, or one a layer, as 4,4,2,2 (default: ${DEFAULT-VALUE}).")
    private String timesteps = "4";

    @Option(names = "--initial-potential", paramLabel = "SHARE", description = "Of the threshold (default: ${DEFAULT-VALUE}).")
    private double initialPotential = 0.5;

    @Option(names = "--weights", paramLabel = "BITS",
            description = "Encoder matrices: float, ternary (1.58 bits) or binary (default: ${DEFAULT-VALUE}).")
    private WeightBits bits = WeightBits.TERNARY;

    @Option(names = "--harden-weights", paramLabel = "SHARE",
            description = "Of the training over which matrices are quantised little by little (default: ${DEFAULT-VALUE}).")
    private double hardenWeights = 0;

    @Option(names = "--harden-neurons", paramLabel = "SHARE",
            description = "Of the training over which neurons go from a clamp to spikes little by little (default: ${DEFAULT-VALUE}).")
    private double hardenNeurons = 0;

    @Option(names = "--range", paramLabel = "DEVIATIONS",
            description = "Values that rates 0 and 1 stand for at the start, in standard deviations from the mean (default: ${DEFAULT-VALUE}).")
    private double range = 1.25;

    @Option(names = "--gelu-range", paramLabel = "RMS",
            description = "Value of GELU that rate 1 stands for at the start, in root mean squares (default: ${DEFAULT-VALUE}).")
    private double geluRange = 3;

    @Option(names = "--hidden-weight", paramLabel = "W", description = "Of the teacher's hidden states (default: ${DEFAULT-VALUE}).")
    private double hidden = 1;

    @Option(names = "--attention-weight", paramLabel = "W",
            description = "Of the teacher's attention scores (default: ${DEFAULT-VALUE}).")
    private double attention = 0.5;

    @Option(names = "--settling-weight", paramLabel = "W",
            description = "Of rates between 0 and 1, which few timesteps run badly (default: ${DEFAULT-VALUE}).")
    private double settling = 0;

    /**
     * The settings of a student of a teacher.
     *
     * @param label weight of the true answers
     * @param prediction weight of the teacher's logits
     * @throws InvalidInputException when they make no sense
     */
    StudentSettings settings(PretrainedEncoder teacher, double label, double prediction, double temperature) {
        int of = teacher.shape().layers();
        int count = layers.orElse(of);
        if (count < 1 || count > of) {
            throw new InvalidInputException("--layers %d: from 1 to the teacher's %d".formatted(count, of));
        }
        if (!(initialPotential >= 0 && initialPotential < 1) || !(temperature > 0)) {
            throw new InvalidInputException("--initial-potential must be from 0 to below 1, --temperature above 0");
        }
        if (!(range > 0 && geluRange > 0)) {
            throw new InvalidInputException("--range and --gelu-range must be above 0");
        }
        if (!(label >= 0 && prediction >= 0 && hidden >= 0 && attention >= 0 && settling >= 0)
                || label + prediction + hidden + attention == 0) {
            throw new InvalidInputException("the loss weights must be at least 0, and not all 0");
        }
        if (!(hardenWeights >= 0 && hardenWeights <= 1 && hardenNeurons >= 0 && hardenNeurons <= 1)) {
            throw new InvalidInputException("--harden-weights and --harden-neurons must be from 0 to 1");
        }
        // Evenly spread, the last one included.
        List<Integer> from = IntStream.range(0, count).mapToObj(i -> (i + 1) * of / count - 1).toList();
        return new StudentSettings(from, forward, schedule(count), initialPotential, bits,
                new Hardening(hardenWeights, hardenNeurons),
                new StudentSettings.LossWeights(label, prediction, hidden, attention, settling, temperature));
    }

    private TimestepSchedule schedule(int count) {
        try {
            return TimestepSchedule.parse(timesteps, count);
        } catch (InvalidInputException e) {
            throw new InvalidInputException("--" + e.getMessage(), e);
        }
    }

    /**
     * The student where its training starts.
     *
     * @param source the teacher's tensors
     * @param teacher the same, to be run
     * @param outputs logits; 0 for none
     * @param isMasked whether units of it may go
     * @param progress is told what --start does not give
     */
    Student student(NDManager manager, StudentSettings settings, PretrainedEncoder source, EncoderParameters teacher, Texts texts,
            int outputs, long seed, boolean isMasked, TrainingProgress progress) {
        if (keptFolder.isPresent() && startFolder.isEmpty()) {
            throw new InvalidInputException(
                    "--keep-of %s goes with --start: name the student that it was pruned from".formatted(keptFolder.get()));
        }
        SpikingStart.Start start = SpikingStart.of(
                source, manager, teacher, texts.first(CALIBRATION), settings.layers(), new SpikingStart.Ranges(range, geluRange),
                settings.forward().hasSpikeNoise());
        Student student = new Student(manager, settings, start, outputs, seed,
                isMasked || keptFolder.isPresent() || startFolder.map(Student::isPruned).orElse(false));
        startFolder.ifPresent(folder -> {
            List<String> fresh = student.startAs(folder);
            if (!fresh.isEmpty()) {
                progress.note("starts as %s; as the teacher what that has not in this shape: %s".formatted(
                        folder, String.join(", ", fresh)));
            }
        });
        keptFolder.ifPresent(student::keepAsIn);
        return student;
    }

    @Override
    public String toString() {
        return "start %s%s, ranges %s and %s".formatted(startFolder.map(Path::toString).orElse("teacher"),
                keptFolder.map(kept -> " with what " + kept + " keeps").orElse(""), range, geluRange);
    }
}
