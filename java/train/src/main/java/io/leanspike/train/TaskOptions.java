package io.leanspike.train;

import io.leanspike.error.InvalidInputException;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.data.TaskExamples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say what a model is trained on. */
final class TaskOptions {
    @Option(names = "--task", paramLabel = "TASK", required = true,
            description = "SST-2, MRPC, RTE, CoLA, STS-B, QNLI, QQP, MNLI or MNLI-mm.")
    private String task;

    @Option(names = "--data", paramLabel = "DIR", required = true,
            description = "GLUE folder with one folder a task, or the task's folder.")
    private Path data;

    @Option(names = "--train-split", paramLabel = "NAME", description = "File to train on (default: train, or train.subset).")
    private Optional<String> trainSplit = Optional.empty();

    @Option(names = "--dev-split", paramLabel = "NAME", description = "File to score on (default: dev, or dev.subset).")
    private Optional<String> devSplit = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N training examples.")
    private int limit = Integer.MAX_VALUE;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Longer inputs are truncated (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 128;

    GlueTask task() {
        return GlueTask.parse(task);
    }

    int maxTokens() {
        return mostTokens(maxTokens);
    }

    /** @throws InvalidInputException when [CLS], [SEP] and [SEP] would not fit */
    static int mostTokens(int asked) {
        if (asked < 3) {
            throw new InvalidInputException("--max-tokens %d: at least 3, for the special tokens of a pair".formatted(asked));
        }
        return asked;
    }

    TaskExamples train(Tokenizer tokenizer) {
        return read("train", trainSplit, limit, tokenizer);
    }

    TaskExamples dev(Tokenizer tokenizer) {
        if (Files.isRegularFile(data)) {
            throw new InvalidInputException("%s is a file: name the folder that has it, and another file to score on".formatted(data));
        }
        return read("dev", devSplit, Integer.MAX_VALUE, tokenizer);
    }

    private TaskExamples read(String split, Optional<String> named, int most, Tokenizer tokenizer) {
        if (most < 1) {
            throw new InvalidInputException("--limit %d: at least 1".formatted(most));
        }
        return TaskExamples.read(task(), file(split, named), most, tokenizer);
    }

    private Path file(String split, Optional<String> named) {
        if (named.isPresent()) {
            return task().file(data, named.get());
        }
        return find(task(), data, split).orElseGet(() -> task().file(data, split));
    }

    /** The file of a split, or of the part of it that there is; empty when there is neither. */
    static Optional<Path> find(GlueTask task, Path data, String split) {
        for (String name : List.of(split, split + ".subset")) {
            try {
                return Optional.of(task.file(data, name));
            } catch (InvalidInputException absent) {
                // The next name, or none.
            }
        }
        return Optional.empty();
    }

    /** What was asked for, in words, as part of a training's settings. */
    @Override
    public String toString() {
        return "task %s, data %s, limit %d, max tokens %d".formatted(task(), Files.exists(data) ? data.getFileName() : data, limit,
                maxTokens);
    }
}
