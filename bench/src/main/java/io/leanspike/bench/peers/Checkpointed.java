package io.leanspike.bench.peers;

import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;

/** A spiking model that all contenders of a comparison run, and text for it. */
interface Checkpointed {

    ModelConfig config();

    EncoderWeights weights();

    /** A batch of sequences of one length, without padding, all of the first segment. */
    TokenBatch batch(int sequences, int length);
}
