package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;

/**
 * The word embeddings [words, width] with their Adam moments. A batch sees few of the words: its rows are copied out as a leaf of
 * the gradient graph, and only they are moved.
 */
public final class WordTable {
    /** How the optimizer moves value, mean and variance in place, all [rows, width]. */
    @FunctionalInterface
    interface Update {
        void move(NDArray value, NDArray gradient, NDArray mean, NDArray variance);
    }

    private final NDArray value;
    private final NDArray mean;
    private final NDArray variance;
    private boolean frozen;

    /** @param values row-major [words, width] */
    public WordTable(NDManager manager, float[] values, int words, int width) {
        value = manager.create(values, new Shape(words, width));
        mean = manager.zeros(value.getShape());
        variance = manager.zeros(value.getShape());
        NDScope.unregister(value, mean, variance);
    }

    /**
     * The rows of the batch's distinct words.
     *
     * @param ids [rows] int64, without repetition
     * @param form the rows to what the forward pass reads: themselves, or quantised
     */
    public Rows rows(NDArray ids, UnaryOperator<NDArray> form) {
        NDArray leaf = form.apply(Torch.rows(ids, value));
        leaf.setRequiresGradient(!frozen);
        return new Rows(ids, leaf);
    }

    /** The same, as they are. */
    public Rows rows(NDArray ids) {
        return rows(ids, UnaryOperator.identity());
    }

    /** Rows copied out from now on are no leaves of a gradient graph. */
    void freeze() {
        frozen = true;
    }

    public NDArray value() {
        return value;
    }

    public NDArray mean() {
        return mean;
    }

    public NDArray variance() {
        return variance;
    }

    /** Rows that were copied out for one batch. */
    public final class Rows {
        private final NDArray ids;
        private final NDArray leaf;

        private Rows(NDArray ids, NDArray leaf) {
            this.ids = ids;
            this.leaf = leaf;
        }

        /** [rows, width], a leaf of the gradient graph. */
        public NDArray leaf() {
            return leaf;
        }

        void move(Update update) {
            NDArray rowValue = Torch.rows(ids, value);
            NDArray rowMean = Torch.rows(ids, mean);
            NDArray rowVariance = Torch.rows(ids, variance);
            update.move(rowValue, leaf.getGradient(), rowMean, rowVariance);
            NDIndex index = new NDIndex("{}", ids);
            value.set(index, rowValue);
            mean.set(index, rowMean);
            variance.set(index, rowVariance);
        }
    }
}
