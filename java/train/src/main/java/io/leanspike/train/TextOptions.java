package io.leanspike.train;

import io.leanspike.error.InvalidInputException;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import io.leanspike.text.TextInput;
import io.leanspike.text.Utf8Lines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options that say which text a general training reads. */
final class TextOptions {
    @ArgGroup(multiplicity = "1")
    private Source source;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N texts.")
    private int limit = Integer.MAX_VALUE;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Longer texts are truncated (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 128;

    private static final class Source {
        @Option(names = "--text", paramLabel = "FILE", arity = "1..*", description = "Text files in UTF-8, one text a line.")
        private List<Path> files = List.of();

        @Option(names = "--data", paramLabel = "DIR",
                description = "GLUE folder: the training sentences, and sentence pairs, of all tasks found in it.")
        private Optional<Path> glue = Optional.empty();
    }

    int maxTokens() {
        return TaskOptions.mostTokens(maxTokens);
    }

    /** Hands over one text after the other. @throws InvalidInputException when a file cannot be read, or there is none */
    void read(Consumer<TextInput> consumer) {
        if (limit < 1) {
            throw new InvalidInputException("--limit %d: at least 1".formatted(limit));
        }
        read(source.files, source.glue, limit, consumer);
    }

    /** Hands over the lines of files, then the training examples of the tasks in a GLUE folder, {@code most} in all. */
    static void read(List<Path> files, Optional<Path> glue, int most, Consumer<TextInput> consumer) {
        Limited limited = new Limited(consumer, most);
        for (Path file : files) {
            readLines(file, limited);
        }
        glue.ifPresent(folder -> readTasks(folder, limited));
    }

    private static void readLines(Path file, Limited consumer) {
        try (Utf8Lines lines = new Utf8Lines(file)) {
            while (consumer.left > 0 && lines.advance()) {
                if (!lines.line().isBlank()) {
                    consumer.accept(TextInput.of(lines.line()));
                }
            }
        }
    }

    private static void readTasks(Path folder, Limited consumer) {
        List<Path> files = new ArrayList<>();
        for (GlueTask task : GlueTask.values()) {
            Optional<Path> file = TaskOptions.find(task, folder, "train");
            // The two tasks of MNLI share their training sentences.
            if (file.isPresent() && !files.contains(file.get())) {
                files.add(file.get());
                if (consumer.left > 0) {
                    GlueReader.read(task, file.get(), consumer.left).forEach(example -> consumer.accept(example.input()));
                }
            }
        }
        if (files.isEmpty()) {
            throw new InvalidInputException(
                    "%s: no training sentences of a GLUE task here; looked for SST-2/train.tsv, MRPC/train.tsv and so on"
                    .formatted(folder));
        }
    }

    private static final class Limited implements Consumer<TextInput> {
        private final Consumer<TextInput> consumer;
        private int left;

        Limited(Consumer<TextInput> consumer, int left) {
            this.consumer = consumer;
            this.left = left;
        }

        @Override
        public void accept(TextInput text) {
            if (left > 0) {
                left--;
                consumer.accept(text);
            }
        }
    }

    /** What was asked for, in words, as part of a training's settings. */
    @Override
    public String toString() {
        List<Path> named = source.glue.map(List::of).orElse(source.files);
        return "text %s, limit %d, max tokens %d".formatted(
                named.stream().map(path -> Files.exists(path) ? path.getFileName() : path).toList(), limit, maxTokens);
    }
}
