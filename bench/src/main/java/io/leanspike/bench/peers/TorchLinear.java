package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.core.Linear;
import io.leanspike.train.nn.Torch;

/** How PyTorch computes {@code x W^T + b}. */
@FunctionalInterface
interface TorchLinear {
    /** {@code torch.nn.functional.linear}, as SpikingBERT's code and nearly everyone calls it: MKL's sgemm. */
    TorchLinear PLAIN = (x, weight, bias) -> Linear.linear(x, weight, bias).singletonOrThrow();

    /** The same product as a convolution, which PyTorch gives to oneDNN: faster where MKL keeps to AVX2. Hardly anyone writes this. */
    TorchLinear ONE_DNN = Torch::linear;

    /** @param weight [outputs, inputs] */
    NDArray of(NDArray x, NDArray weight, NDArray bias);
}
