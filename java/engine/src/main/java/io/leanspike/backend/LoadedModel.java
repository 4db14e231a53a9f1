package io.leanspike.backend;

/** A model in a backend's own memory. Thread-safe; closing it frees that memory and ends all use. */
public interface LoadedModel extends AutoCloseable {

    /**
     * Starts a forward pass over a batch. Close the run before the model.
     *
     * @param retention what must still be readable after a plan has run
     * @throws IllegalStateException after close
     */
    BatchRun begin(TokenBatch batch, Retention retention);

    /** Which populations outlive the calls that read them. */
    enum Retention {
        /** Only what later calls need: memory is reused from layer to layer. */
        NONE,
        /** Every population, so that {@link BatchRun#spikes} and {@link BatchRun#rates} can read it. */
        POPULATIONS
    }

    @Override
    void close();
}
