package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.leanspike.backend.TokenBatch;
import io.leanspike.train.nn.Torch;
import java.util.Arrays;

/** A spiking encoder in PyTorch on one batch. It does not own the encoder. */
final class TorchForward implements PreparedForward.Spiking {
    private final NDManager manager = Torch.manager();
    private final TorchEncoder encoder;
    private final TorchOrder order;
    private final NDArray wordIds;
    private final int timesteps;

    /** @param batch of sequences of one length, all of the first segment */
    TorchForward(TorchEncoder encoder, TorchOrder order, TokenBatch batch, int timesteps) {
        this.encoder = encoder;
        this.order = order;
        this.timesteps = timesteps;
        wordIds = manager.create(Arrays.stream(batch.wordIds()).asLongStream().toArray(), new Shape(batch.sequences(), batch.length(0)));
    }

    @Override
    public double[][] logits() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray logits = order.logits(encoder, wordIds, timesteps);
            float[] values = logits.toFloatArray();
            int labels = values.length / (int) logits.getShape().get(0);
            double[][] rows = new double[values.length / labels][labels];
            for (int i = 0; i < values.length; i++) {
                rows[i / labels][i % labels] = values[i];
            }
            return rows;
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
