package io.leanspike.text;

import static io.leanspike.text.GlueMetric.ACCURACY;
import static io.leanspike.text.GlueMetric.F1;
import static io.leanspike.text.GlueMetric.MATTHEWS_CORRELATION;
import static io.leanspike.text.GlueMetric.PEARSON;
import static io.leanspike.text.GlueMetric.SPEARMAN;

import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The GLUE tasks: where their columns are, what their labels mean, how they are scored. Labels stand in the order of Hugging
 * Face's GLUE data set. The text form is the task's name: {@code SST-2}, {@code MNLI-mm}.
 */
public enum GlueTask {
    SST_2("SST-2", List.of("sentence"), "label", List.of("negative", "positive"), List.of("0", "1"), List.of(ACCURACY)),
    MRPC("MRPC", List.of("#1 String", "#2 String"), "Quality",
            List.of("not_equivalent", "equivalent"), List.of("0", "1"), List.of(ACCURACY, F1)),
    RTE("RTE", List.of("sentence1", "sentence2"), "label", Names.ENTAILMENT, Names.ENTAILMENT, List.of(ACCURACY)),
    COLA("CoLA", List.of("sentence"), "label",
            List.of("unacceptable", "acceptable"), List.of("0", "1"), List.of(MATTHEWS_CORRELATION)),
    STS_B("STS-B", List.of("sentence1", "sentence2"), "score", List.of(), List.of(), List.of(PEARSON, SPEARMAN)),
    QNLI("QNLI", List.of("question", "sentence"), "label", Names.ENTAILMENT, Names.ENTAILMENT, List.of(ACCURACY)),
    QQP("QQP", List.of("question1", "question2"), "is_duplicate",
            List.of("not_duplicate", "duplicate"), List.of("0", "1"), List.of(ACCURACY, F1)),
    MNLI("MNLI", List.of("sentence1", "sentence2"), "gold_label", Names.INFERENCE, Names.INFERENCE, List.of(ACCURACY)),
    MNLI_MM("MNLI-mm", List.of("sentence1", "sentence2"), "gold_label", Names.INFERENCE, Names.INFERENCE, List.of(ACCURACY));

    /** Enum constants cannot read the enum's own constants. */
    private static final class Names {
        static final List<String> ENTAILMENT = List.of("entailment", "not_entailment");
        static final List<String> INFERENCE = List.of("entailment", "neutral", "contradiction");
    }

    /** The scale of STS-B scores. */
    static final double LOWEST_SCORE = 0;
    static final double HIGHEST_SCORE = 5;

    private final String text;
    private final List<String> textColumns;
    private final String labelColumn;
    private final List<String> labels;
    private final List<String> fileLabels;
    private final List<GlueMetric> metrics;

    GlueTask(String text, List<String> textColumns, String labelColumn, List<String> labels, List<String> fileLabels,
            List<GlueMetric> metrics) {
        this.text = text;
        this.textColumns = textColumns;
        this.labelColumn = labelColumn;
        this.labels = labels;
        this.fileLabels = fileLabels;
        this.metrics = metrics;
    }

    /**
     * The task of this name, in any letter case.
     *
     * @throws InvalidInputException naming the tasks when there is none
     */
    public static GlueTask parse(String name) {
        return Arrays.stream(values())
                .filter(task -> task.text.equalsIgnoreCase(name.strip()))
                .findFirst()
                .orElseThrow(() -> new InvalidInputException("unknown GLUE task %s; the tasks are %s".formatted(Quoted.of(name),
                        Arrays.stream(values()).map(GlueTask::toString).collect(Collectors.joining(", ")))));
    }

    /** Header of the column of the text, or of the first of two. */
    public String textColumn() {
        return textColumns.getFirst();
    }

    /** Header of the column of the second text, for tasks on pairs. */
    public Optional<String> pairColumn() {
        return textColumns.size() == 2 ? Optional.of(textColumns.get(1)) : Optional.empty();
    }

    /** Header of the column of the label or the score. */
    public String labelColumn() {
        return labelColumn;
    }

    /** Label names in order; empty for regression. */
    public List<String> labels() {
        return labels;
    }

    /** How the files write the labels, in the order of {@link #labels}. */
    public List<String> fileLabels() {
        return fileLabels;
    }

    /** Whether the task predicts a score instead of a label. */
    public boolean isRegression() {
        return labels.isEmpty();
    }

    /** The task's own metrics, the main one first. */
    public List<GlueMetric> metrics() {
        return metrics;
    }

    /**
     * The task's file of a split, found in {@code data}: a TSV file (taken as it is), a folder with the task's files, or a GLUE
     * folder with a folder for each task.
     *
     * @param split {@code dev}, {@code train}, {@code dev.subset}, ...: the file's name without {@code .tsv}; MNLI's dev is
     *     dev_matched.tsv, MNLI-mm's dev_mismatched.tsv, or dev.tsv where these are absent
     * @throws InvalidInputException naming what was looked for when there is no such file
     */
    public Path file(Path data, String split) {
        return GlueFiles.find(this, data, split);
    }

    @Override
    public String toString() {
        return text;
    }
}
