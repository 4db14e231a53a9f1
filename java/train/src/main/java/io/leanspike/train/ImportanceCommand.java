package io.leanspike.train;

import ai.djl.ndarray.NDManager;
import io.leanspike.compress.ImportanceFile;
import io.leanspike.compress.UnitImportance;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.student.TaylorImportance;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "importance",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how much the loss depends on each head, head column and neuron of a spiking model (first-order Taylor), for"
                    + " leanspike compress prune --criterion taylor --scores FILE. Gradients are those of the model's rate code.", ""
        })
final class ImportanceCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Spiking model, not pruned.")
    private Path model;

    @Mixin
    private TaskOptions task;

    @Option(names = "--batch", paramLabel = "N", description = "Examples whose changes may cancel each other (default: ${DEFAULT-VALUE}).")
    private int batch = 1;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: ${DEFAULT-VALUE}).")
    private int threads = 1;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Scores file to make.")
    private Path target;

    ImportanceCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        if (batch < 1 || threads < 1) {
            throw new InvalidInputException("--batch and --threads must be at least 1, not %d and %d".formatted(batch, threads));
        }
        if (Files.exists(target)) {
            throw new InvalidInputException(target + " exists; name another file");
        }
        Path parent = target.toAbsolutePath().normalize().getParent();
        if (parent == null || !Files.isWritable(parent)) {
            throw new InvalidInputException("%s cannot be written: there is no folder %s that may be written".formatted(target, parent));
        }
        Torch.useThreads(threads);
        try (Checkpoint checkpoint = Checkpoint.open(model);
                Tokenizer tokenizer = Tokenizer.open(model, Math.min(task.maxTokens(), checkpoint.config().maxPositions()),
                        checkpoint.config().vocabularySize());
                NDManager manager = Torch.manager()) {
            TaskExamples examples = task.train(tokenizer);
            if (examples.outputs() != checkpoint.config().labels().size()) {
                throw new InvalidInputException("%s has %d labels, but %s has %d".formatted(
                        model, checkpoint.config().labels().size(), task.task(), examples.outputs()));
            }
            List<UnitImportance> importance = TaylorImportance.of(checkpoint, manager, examples).measure(batch);
            ImportanceFile.write(importance, target);
            out.println("%s: importance of %d layers' units on %d examples".formatted(target, importance.size(), examples.size()));
        }
        return 0;
    }
}
