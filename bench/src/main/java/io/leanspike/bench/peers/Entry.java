package io.leanspike.bench.peers;

import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Backend;
import io.leanspike.backend.TokenBatch;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.train.nn.Torch;

/** One entrant, loaded and ready on one batch, with all that it alone holds. */
record Entry(Entrant entrant, PreparedForward forward, Runnable release) implements AutoCloseable {

    static Entry engine(Entrant entrant, Backend backend, Checkpointed subject, TokenBatch batch, int timesteps, SpikeDensities expected) {
        EngineForward forward = new EngineForward(backend, subject, batch, timesteps, expected);
        return new Entry(entrant, forward, forward::close);
    }

    /** @param encoder weights that several entrants share */
    static Entry torch(Entrant entrant, TorchEncoder encoder, TokenBatch batch, int timesteps) {
        TorchForward forward = new TorchForward(encoder, entrant.torchOrder(), batch, timesteps);
        return new Entry(entrant, forward, forward::close);
    }

    /** With weights of its own. */
    static Entry torch(Entrant entrant, Checkpointed subject, TokenBatch batch, int timesteps) {
        NDManager manager = Torch.manager();
        TorchForward forward = new TorchForward(TorchEncoder.of(manager, subject.config(), subject.weights()), entrant.torchOrder(), batch, timesteps);
        return new Entry(entrant, forward, () -> {
            forward.close();
            manager.close();
        });
    }

    static Entry dense(Entrant entrant, DenseEncoder encoder, TokenBatch batch) {
        DenseEncoder.Forward forward = encoder.on(batch);
        return new Entry(entrant, forward, forward::close);
    }

    @Override
    public void close() {
        release.run();
    }
}
