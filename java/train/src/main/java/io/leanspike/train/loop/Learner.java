package io.leanspike.train.loop;

import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Trained;
import io.leanspike.train.nn.WordTable;
import java.nio.file.Path;
import java.util.SequencedMap;

/** What a training loop trains: parameters, a loss on a batch, a score, and a form to save. */
public interface Learner {

    Trained trained();

    /** Ids of the words of a batch, and the loss on it. Called where gradients are collected. */
    BatchLoss loss(int[] batch, double progress);

    /** What the batch's forward pass read, the rows that it copied out of the word table, and the loss. */
    record BatchLoss(Leaves leaves, WordTable.Rows rows, Loss loss, int tokens) {}

    /**
     * Sees the gradients of a step, before the optimizer uses them up.
     *
     * @param before share of the training that was done before the step, @param now share that is done with it
     */
    default void afterGradients(Leaves leaves, double before, double now) {}

    /** Whether the model is what it is to be in the end, so that its scores may be its best: not while units are still being taken away. */
    default boolean mayBeBest(double progress) {
        return true;
    }

    /** Scores on text that is not trained on, the main one first: shares, of which 1 is shown as 100 %. */
    SequencedMap<String, Double> evaluate();

    /** Whether the main score is an error. */
    default boolean isLowerBetter() {
        return false;
    }

    /** Writes the trained model into a folder. */
    void save(Path folder);
}
