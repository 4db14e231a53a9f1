package io.leanspike.cli;

import io.leanspike.error.InvalidInputException;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import io.leanspike.text.TextInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say what a model is evaluated on. */
final class EvalData {
    /** @param name of the file that the examples were read from */
    record Selected(GlueTask task, String name, List<GlueExample> examples) {

        List<TextInput> texts() {
            return examples.stream().map(GlueExample::input).toList();
        }
    }

    static final List<String> OPTIONS = List.of("--task", "--data", "--split", "--limit");

    @Option(names = "--task", paramLabel = "TASK",
            description = "SST-2, MRPC, RTE, CoLA, STS-B, QNLI, QQP, MNLI or MNLI-mm (default for the bundled sample: SST-2).")
    private Optional<String> task = Optional.empty();

    @Option(names = "--data", paramLabel = "PATH",
            description = "TSV file, the task's folder, or a GLUE folder with one folder a task (default: the bundled sample).")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--split", paramLabel = "NAME",
            description = "Which file of the folder: dev, train, ... (default: dev).")
    private Optional<String> split = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N examples.")
    private Optional<Integer> limit = Optional.empty();

    /**
     * All examples of another split of the same data; empty where the data is one file.
     *
     * @throws InvalidInputException when there is no such split
     */
    Optional<Selected> whole(String otherSplit) {
        return data.filter(Files::isDirectory).map(folder -> {
            GlueTask chosen = GlueTask.parse(task.orElseThrow());
            Path file = chosen.file(folder, otherSplit);
            return new Selected(chosen, file.toString(), GlueReader.read(chosen, file, Integer.MAX_VALUE));
        });
    }

    /** @throws InvalidInputException when the options do not go together, or the file is not the task's */
    Selected read(BundledFiles bundled) {
        int most = RunOptions.atLeastOne("--limit", limit.orElse(Integer.MAX_VALUE));
        Optional<GlueTask> named = task.map(GlueTask::parse);
        if (data.isEmpty()) {
            named.filter(other -> other != GlueTask.SST_2).ifPresent(other -> {
                throw new InvalidInputException(
                        "--task %s needs --data: the sample that comes with leanspike is for SST-2".formatted(other));
            });
            if (split.isPresent()) {
                throw new InvalidInputException("--split needs --data: the sample that comes with leanspike has one split only");
            }
            return new Selected(GlueTask.SST_2, BundledFiles.SAMPLE_NAME, GlueReader.read(GlueTask.SST_2, bundled.sample(), most));
        }
        GlueTask chosen = named.orElseThrow(() ->
                new InvalidInputException("--data needs --task: say which GLUE task %s is for, as in --task SST-2".formatted(data.get())));
        if (split.isPresent() && Files.isRegularFile(data.get())) {
            throw new InvalidInputException("--split %s chooses a file of a folder, but %s is a file: leave --split out, or name the folder"
                    .formatted(split.get(), data.get()));
        }
        Path file = chosen.file(data.get(), split.orElse("dev"));
        return new Selected(chosen, file.toString(), GlueReader.read(chosen, file, most));
    }
}
