package io.leanspike.bench.peers;

/** A model that is ready to run one batch again and again, from token ids to its result. */
public interface PreparedForward extends AutoCloseable {

    void run();

    @Override
    void close();

    /** A spiking model: it classifies. */
    interface Spiking extends PreparedForward {

        /** Runs the batch; logits [sequences][labels]. */
        double[][] logits();

        @Override
        default void run() {
            logits();
        }
    }
}
