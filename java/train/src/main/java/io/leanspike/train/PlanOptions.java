package io.leanspike.train;

import ai.djl.ndarray.NDManager;
import io.leanspike.error.InvalidInputException;
import io.leanspike.train.data.ModelFiles;
import io.leanspike.train.loop.TrainingFolder;
import io.leanspike.train.loop.TrainingPlan;
import io.leanspike.train.nn.AdamW;
import io.leanspike.train.nn.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say how a training runs. */
final class PlanOptions {
    @Option(names = "--out", paramLabel = "DIR", required = true,
            description = "Folder of the trained model; training/ in it gets state, metrics and curve.")
    private Path out;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training examples (default: ${DEFAULT-VALUE}).")
    private int epochs = 3;

    @Option(names = "--batch", paramLabel = "N", description = "Sequences a step (default: ${DEFAULT-VALUE}).")
    private int batch = 32;

    @Option(names = "--batch-tokens", paramLabel = "N",
            description = "Tokens a step, padding included, at most: memory grows with them (default: ${DEFAULT-VALUE}).")
    private int batchTokens = 2048;

    @Option(names = "--learning-rate", paramLabel = "RATE", description = "Peak of the learning rate (default: ${DEFAULT-VALUE}).")
    private double learningRate = 5e-5;

    @Option(names = "--warmup", paramLabel = "SHARE",
            description = "Share of the steps over which the learning rate rises; then it falls to 0 (default: ${DEFAULT-VALUE}).")
    private double warmup = 0.1;

    @Option(names = "--weight-decay", paramLabel = "RATE", description = "Of matrices (default: ${DEFAULT-VALUE}).")
    private double weightDecay = 0.01;

    @Option(names = "--averaging", paramLabel = "SHARE",
            description = "Score and save a moving average of the weights, of which each step keeps this share, as 0.999; 0 = the last "
                    + "step's weights (default: ${DEFAULT-VALUE}).")
    private double averaging = 0;

    @Option(names = "--evaluations", paramLabel = "N", description = "Scores on dev an epoch (default: ${DEFAULT-VALUE}).")
    private int evaluations = 4;

    @Option(names = "--patience", paramLabel = "N",
            description = "Stop after N scores without a better one; 0 = never (default: ${DEFAULT-VALUE}).")
    private int patience = 0;

    @Option(names = "--checkpoint-seconds", paramLabel = "N",
            description = "Longest time between two saved states (default: ${DEFAULT-VALUE}).")
    private double checkpointSeconds = 240;

    @Option(names = "--seed", paramLabel = "N", description = "The same seed gives the same training (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--threads", paramLabel = "N",
            description = "Processors to use; fewer than there are is faster where others need them (default: all).")
    private Optional<Integer> threads = Optional.empty();

    @Option(names = "--device", paramLabel = "DEVICE", description = "cpu, or cuda: the first NVIDIA GPU (default: ${DEFAULT-VALUE}).")
    private Torch.Compute device = Torch.Compute.CPU;

    @Option(names = "--resume", description = "Continue from the folder's last state, where there is one.")
    private boolean resume;

    Path out() {
        return out;
    }

    /** A folder with a vocabulary alone, which a tokenizer opens; the model's own is written with the model. */
    Path vocabularyFolder(List<String> vocabulary) {
        Path folder = out.resolve("training").resolve("vocabulary");
        ModelFiles.writeVocabulary(folder, vocabulary);
        return folder;
    }

    /** Holds the folder until it is closed. @throws InvalidInputException when nothing may be trained there */
    TrainingFolder target() {
        return TrainingFolder.open(out, resume);
    }

    long seed() {
        return seed;
    }

    /** Limits the processors that are used; to be called before anything is computed. */
    void useThreads() {
        threads.ifPresent(count -> {
            if (count < 1) {
                throw new InvalidInputException("--threads %d: at least 1".formatted(count));
            }
            Torch.useThreads(count);
        });
    }

    /** What lives as long as the training, on the device. @throws InvalidInputException when there is no such device */
    NDManager manager() {
        return Torch.manager(device);
    }

    TrainingPlan plan() {
        if (epochs < 1 || batch < 1 || batchTokens < 1 || evaluations < 1 || patience < 0) {
            throw new InvalidInputException(
                    "--epochs, --batch, --batch-tokens and --evaluations must be at least 1, and --patience at least 0");
        }
        if (!(learningRate > 0) || !(warmup >= 0 && warmup < 1) || !(weightDecay >= 0) || !(averaging >= 0 && averaging < 1)) {
            throw new InvalidInputException("--learning-rate must be above 0, --warmup from 0 to below 1, --weight-decay at least 0, "
                    + "--averaging from 0 to below 1");
        }
        return new TrainingPlan(epochs, batch, batchTokens, learningRate, warmup, AdamW.withDecay(weightDecay), averaging,
                evaluations, patience, checkpointSeconds, seed);
    }

    @Override
    public String toString() {
        return "epochs %d, batch %d of %d tokens, learning rate %s, warm-up %s, weight decay %s, averaging %s, seed %d"
                .formatted(epochs, batch, batchTokens, learningRate, warmup, weightDecay, averaging, seed);
    }
}
