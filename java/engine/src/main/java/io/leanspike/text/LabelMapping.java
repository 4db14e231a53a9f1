package io.leanspike.text;

import io.leanspike.error.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Which logit of a model stands for which label of a task.
 *
 * @param taskLabels for each logit, the index of its label in {@link GlueTask#labels}; one 0 for regression
 */
public record LabelMapping(List<Integer> taskLabels) {

    public LabelMapping {
        taskLabels = List.copyOf(taskLabels);
    }

    /**
     * Maps by name where the model names the task's labels, in any order and letter case, "-" and " " as good as "_". Generic
     * names (LABEL_0, LABEL_1, ... or 0, 1, ...) are taken in the order of Hugging Face's GLUE data set. Other names are refused:
     * a guess could swap the labels and report a wrong score.
     *
     * @param modelLabels label names in the order of the logits
     * @throws InvalidInputException with both lists when they do not fit
     */
    public static LabelMapping of(GlueTask task, List<String> modelLabels) {
        if (task.isRegression()) {
            if (modelLabels.size() != 1) {
                throw new InvalidInputException("%s is a regression and needs a model with 1 output, but this one has %d: %s"
                        .formatted(task, modelLabels.size(), modelLabels));
            }
            return new LabelMapping(List.of(0));
        }
        if (modelLabels.size() != task.labels().size()) {
            throw new InvalidInputException("%s has %d labels %s, but the model has %d %s; is it a model for another task?"
                    .formatted(task, task.labels().size(), task.labels(), modelLabels.size(), modelLabels));
        }
        List<Integer> byPosition = IntStream.range(0, modelLabels.size()).boxed().toList();
        if (byPosition.stream().allMatch(i -> isGeneric(modelLabels.get(i), i))) {
            return new LabelMapping(byPosition);
        }
        List<Integer> byName = modelLabels.stream().map(name -> task.labels().indexOf(normal(name))).toList();
        if (byName.contains(-1) || byName.stream().distinct().count() != byName.size()) {
            throw new InvalidInputException(
                    "%s has the labels %s, but the model has %s; give id2label in config.json the task's names"
                            .formatted(task, task.labels(), modelLabels));
        }
        return new LabelMapping(byName);
    }

    /** The task's label that logit {@code logit} stands for. */
    public int taskLabel(int logit) {
        return taskLabels.get(logit);
    }

    /** The logit that stands for the task's label {@code taskLabel}. */
    public int logit(int taskLabel) {
        return taskLabels.indexOf(taskLabel);
    }

    private static boolean isGeneric(String name, int index) {
        return name.equalsIgnoreCase("LABEL_" + index) || name.equals(Integer.toString(index));
    }

    private static String normal(String name) {
        return name.strip().toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
    }
}
