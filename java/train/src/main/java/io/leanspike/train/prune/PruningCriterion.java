package io.leanspike.train.prune;

import ai.djl.ndarray.NDArray;

/** Judges how much units of a population matter by what training sees of them. The hook for other criteria. */
public interface PruningCriterion {

    /**
     * What a step shows. A running mean of it is kept.
     *
     * @param gradient [units] of the loss by the unit's mask, which is the sum of activity times its gradient over the batch
     * @param square [units] mean square of the unit's rate over tokens
     * @return [units] at least 0
     */
    NDArray seen(NDArray gradient, NDArray square);

    /**
     * Importance, the more the higher; only comparisons within a population mean something.
     *
     * @param mean [units] running mean of what was seen
     * @param maker [units] L2 norm of the weights that make the unit, as they are used (quantised)
     * @param reader [units] L2 norm of the weights that read it
     */
    NDArray importance(NDArray mean, NDArray maker, NDArray reader);

    /** The criteria that there are. */
    enum Known implements PruningCriterion {
        /**
         * First-order Taylor: what the loss changes by when the unit falls silent, {@code |sum a dL/da|} (arXiv 1611.06440, 1905.10650).
         */
        TAYLOR {
            @Override
            public NDArray seen(NDArray gradient, NDArray square) {
                return gradient.abs();
            }

            @Override
            public NDArray importance(NDArray mean, NDArray maker, NDArray reader) {
                return mean;
            }
        },
        /** Spike activity: the root of the mean square rate, times the weights that read it. */
        ACTIVITY {
            @Override
            public NDArray seen(NDArray gradient, NDArray square) {
                return square;
            }

            @Override
            public NDArray importance(NDArray mean, NDArray maker, NDArray reader) {
                return mean.sqrt().muli(reader);
            }
        },
        /** Weights alone: those that make the unit times those that read it. */
        MAGNITUDE {
            @Override
            public NDArray seen(NDArray gradient, NDArray square) {
                return square.zerosLike();
            }

            @Override
            public NDArray importance(NDArray mean, NDArray maker, NDArray reader) {
                return maker.mul(reader);
            }
        }
    }
}
