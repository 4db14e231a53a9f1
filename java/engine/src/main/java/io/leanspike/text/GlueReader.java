package io.leanspike.text;

import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads the TSV files of GLUE: a header row, columns separated by tabs, no quoting, UTF-8, lines ended by LF or CRLF. Columns are
 * found by their header; others are ignored. CoLA's official files have no header and are read as well.
 */
public final class GlueReader {
    /** CoLA's official columns. */
    private static final List<String> COLA_HEADER = List.of("source", "label", "label_notes", "sentence");

    private final GlueTask task;
    private final Path file;
    private List<String> header = List.of();
    private int text;
    private OptionalInt pair = OptionalInt.empty();
    private int label;

    private GlueReader(GlueTask task, Path file) {
        this.task = task;
        this.file = file;
    }

    /**
     * All examples of a file, in its order.
     *
     * @throws InvalidInputException naming file and line when a row is not one of the task's
     */
    public static List<GlueExample> read(GlueTask task, Path file) {
        return read(task, file, Integer.MAX_VALUE);
    }

    /**
     * The first {@code limit} examples of a file, in its order; rows after them are not looked at.
     *
     * @throws InvalidInputException naming file and line when a row is not one of the task's
     * @throws IllegalArgumentException when the limit is below 1
     */
    public static List<GlueExample> read(GlueTask task, Path file, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit of " + limit + " examples");
        }
        return new GlueReader(task, file).read(limit);
    }

    private List<GlueExample> read(int limit) {
        List<GlueExample> examples = new ArrayList<>();
        try (Utf8Lines lines = new Utf8Lines(file)) {
            if (!lines.advance()) {
                throw new InvalidInputException(file + ": the file is empty");
            }
            List<String> first = columns(lines.line());
            if (isHeaderlessCola(first)) {
                useHeader(COLA_HEADER);
                examples.add(example(1, first));
            } else {
                useHeader(first);
            }
            while (examples.size() < limit && lines.advance()) {
                examples.add(example(lines.number(), columns(lines.line())));
            }
        }
        if (examples.isEmpty()) {
            throw new InvalidInputException(file + ": the file has a header but no rows");
        }
        return examples;
    }

    private boolean isHeaderlessCola(List<String> first) {
        return task == GlueTask.COLA && first.size() == COLA_HEADER.size() && task.fileLabels().contains(first.get(1));
    }

    private void useHeader(List<String> names) {
        header = names;
        text = column(task.textColumn());
        pair = task.pairColumn().map(name -> OptionalInt.of(column(name))).orElse(OptionalInt.empty());
        if (!header.contains(task.labelColumn())) {
            throw new InvalidInputException(
                    "%s:1: %s needs a column '%s', which a test file without labels lacks; the header is %s"
                            .formatted(file, task, task.labelColumn(), Quoted.of(header)));
        }
        label = column(task.labelColumn());
    }

    private int column(String name) {
        int index = header.indexOf(name);
        if (index < 0) {
            throw new InvalidInputException("%s:1: %s needs a column '%s'; the header is %s"
                    .formatted(file, task, name, Quoted.of(header)));
        }
        if (header.lastIndexOf(name) != index) {
            throw new InvalidInputException("%s:1: column '%s' appears twice".formatted(file, name));
        }
        return index;
    }

    private GlueExample example(int line, List<String> row) {
        if (row.size() != header.size()) {
            throw invalid(line, "the row has %d columns, but the header %d: %s"
                    .formatted(row.size(), header.size(), Quoted.of(header)));
        }
        Optional<String> second = pair.isPresent() ? Optional.of(text(line, row, pair.getAsInt())) : Optional.empty();
        TextInput input = new TextInput(text(line, row, text), second);
        return new GlueExample(line, input, task.isRegression() ? score(line, row) : labelIndex(line, row));
    }

    private String text(int line, List<String> row, int column) {
        String value = row.get(column);
        if (value.isBlank()) {
            throw invalid(line, "the text in column '%s' is empty".formatted(header.get(column)));
        }
        return value;
    }

    private int labelIndex(int line, List<String> row) {
        int index = task.fileLabels().indexOf(row.get(label));
        if (index < 0) {
            throw invalid(line, "label %s is none of %s's %s".formatted(Quoted.of(row.get(label)), task, task.fileLabels()));
        }
        return index;
    }

    private double score(int line, List<String> row) {
        double score;
        try {
            score = Double.parseDouble(row.get(label));
        } catch (NumberFormatException e) {
            throw invalid(line, "the score %s is not a number".formatted(Quoted.of(row.get(label))));
        }
        // Written this way round so that NaN is out of range too.
        if (!(score >= GlueTask.LOWEST_SCORE && score <= GlueTask.HIGHEST_SCORE)) {
            throw invalid(line, "the score %s is not between %s and %s"
                    .formatted(score, GlueTask.LOWEST_SCORE, GlueTask.HIGHEST_SCORE));
        }
        return score;
    }

    private InvalidInputException invalid(int line, String cause) {
        return new InvalidInputException("%s:%d: %s".formatted(file, line, cause));
    }

    private static List<String> columns(String line) {
        return List.of(line.split("\t", -1));
    }
}
