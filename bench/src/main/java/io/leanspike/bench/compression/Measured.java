package io.leanspike.bench.compression;

import io.leanspike.bench.peers.PreparedForward;

/** A model that has answered a task's examples, and is ready to be timed on some of them. */
interface Measured extends AutoCloseable {

    ModelFigures figures();

    /** The timed texts in batches of so many, from token ids to logits. Close it before the model. */
    PreparedForward timed(int batch);

    @Override
    void close();
}
