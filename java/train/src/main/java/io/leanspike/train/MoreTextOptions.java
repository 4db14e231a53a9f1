package io.leanspike.train;

import ai.djl.ndarray.NDManager;
import io.leanspike.error.InvalidInputException;
import io.leanspike.text.Encoding;
import io.leanspike.text.GlueTask;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.data.JoinedTexts;
import io.leanspike.train.data.SubstitutedTexts;
import io.leanspike.train.data.Texts;
import io.leanspike.train.data.WordNeighbours;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * The options that give a student more text than its task has labels for: on it the student follows the teacher, whatever the truth.
 * A task's own text may be too little to keep what the pretrained encoder knew.
 */
final class MoreTextOptions {
    /** Of each word; as many as TinyBERT takes. */
    private static final int NEIGHBOURS = 15;

    @Option(names = "--text", paramLabel = "FILE", arity = "1..*",
            description = "Text without labels, one a line in UTF-8, on which the student follows the teacher as well.")
    private List<Path> files = List.of();

    @Option(names = "--text-of-tasks", paramLabel = "DIR",
            description = "The same with the training sentences of all tasks in a GLUE folder; pairs as pairs where the student's own task is "
                    + "on pairs, else as two texts.")
    private Optional<Path> tasks = Optional.empty();

    @Option(names = "--copies", paramLabel = "N",
            description = "The same with N copies of each training example in which words are replaced by neighbours in the teacher's "
                    + "word table (default: ${DEFAULT-VALUE}).")
    private int copies = 0;

    @Option(names = "--replaced", paramLabel = "SHARE", description = "Of the words in a copy (default: ${DEFAULT-VALUE}).")
    private double replaced = 0.3;

    /** All that the student of a task trains on: the labelled texts, then the others. */
    Texts of(GlueTask task, Texts labelled, PretrainedEncoder teacher, Tokenizer tokenizer, NDManager manager, long seed) {
        if (copies < 0 || !(replaced > 0 && replaced <= 1)) {
            throw new InvalidInputException("--copies must be at least 0, --replaced above 0 and at most 1");
        }
        Texts all = labelled;
        if (copies > 0) {
            float[] table = teacher.tensors().get("embeddings.word_embeddings.weight");
            WordNeighbours neighbours = WordNeighbours.of(manager, table, teacher.vocabulary(), labelled, NEIGHBOURS);
            all = new JoinedTexts(all, new SubstitutedTexts(labelled, copies, neighbours, replaced, seed));
        }
        List<Encoding> more = tokenizer.encode(read(task, files, tasks));
        return more.isEmpty() ? all : new JoinedTexts(all, Texts.of(more));
    }

    /** The texts of files and of tasks as a task would read them. */
    static List<TextInput> read(GlueTask task, List<Path> files, Optional<Path> tasks) {
        List<TextInput> texts = new ArrayList<>();
        boolean isOnPairs = task.pairColumn().isPresent();
        TextOptions.read(files, tasks, Integer.MAX_VALUE, input -> {
            if (isOnPairs) {
                texts.add(input);
            } else {
                texts.add(TextInput.of(input.text()));
                input.pair().map(TextInput::of).ifPresent(texts::add);
            }
        });
        return texts;
    }

    /** What was asked for, in words, as part of a training's settings. */
    @Override
    public String toString() {
        List<Path> named = new ArrayList<>(files);
        tasks.ifPresent(named::add);
        return "more text %s, copies %d, replaced %s".formatted(
                named.stream().map(path -> Files.exists(path) ? path.getFileName() : path).toList(), copies, replaced);
    }
}
