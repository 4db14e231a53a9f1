package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;

/** An order in which PyTorch goes through timesteps and layers. */
sealed interface TorchOrder permits TorchTimeLoop, TorchTimeFolded {

    /** Logits [sequences, labels]. @param wordIds int64 [sequences, length], without padding */
    NDArray logits(TorchEncoder encoder, NDArray wordIds, int timesteps);
}
