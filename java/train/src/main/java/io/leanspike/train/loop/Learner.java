package io.leanspike.train.loop;

import ai.djl.ndarray.NDArray;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.WordTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** What a training loop trains: parameters, a loss on a batch, a score, and a form to save. */
public interface Learner {

    /** Everything trained, without the word table. */
    List<Parameter> parameters();

    WordTable words();

    /** Values and moments by name: all that a resumed training needs of the learner. */
    Map<String, NDArray> state();

    /** Ids of the words of a batch, and the loss on it. Called where gradients are collected. */
    BatchLoss loss(int[] batch, double progress);

    /** The rows that the batch copied out of the word table, and the loss. */
    record BatchLoss(WordTable.Rows rows, Loss loss, int tokens) {}

    /** The task's own metrics on the dev examples, the main one first. */
    SequencedMap<String, Double> evaluate();

    /** Writes the trained model into a folder. */
    void save(Path folder);
}
