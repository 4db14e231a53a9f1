package io.leanspike.bench.peers;

import io.leanspike.backend.TokenBatch;
import io.leanspike.bench.SyntheticBatch;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;

/** A synthetic model as it was drawn, spiking as it happens to. */
record SyntheticCheckpoint(SyntheticModel model) implements Checkpointed {

    @Override
    public ModelConfig config() {
        return model.config();
    }

    @Override
    public EncoderWeights weights() {
        return model.weights();
    }

    @Override
    public TokenBatch batch(int sequences, int length) {
        return new SyntheticBatch(sequences, length).tokens(model.config().vocabularySize());
    }
}
