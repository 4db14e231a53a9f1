package io.leanspike.train.data;

import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;

/**
 * A split of a GLUE task as token ids.
 *
 * @param examples as the file has them
 * @param texts the same, tokenized
 * @param golds label indices in the task's order, or scores
 */
public record TaskExamples(GlueTask task, List<GlueExample> examples, Texts texts, double[] golds) {

    /**
     * Reads and tokenizes a file.
     *
     * @throws io.leanspike.error.InvalidInputException when the file is absent or not the task's
     */
    public static TaskExamples read(GlueTask task, Path file, int limit, Tokenizer tokenizer) {
        List<GlueExample> examples = GlueReader.read(task, file, limit);
        return new TaskExamples(task, examples, Texts.of(tokenizer.encode(examples.stream().map(GlueExample::input).toList())),
                examples.stream().mapToDouble(GlueExample::gold).toArray());
    }

    public int size() {
        return texts.count();
    }

    /** Logits that a model for the task has. */
    public int outputs() {
        return task.isRegression() ? 1 : task.labels().size();
    }
}
