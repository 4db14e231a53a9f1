package io.leanspike.backend.cuda;

import io.leanspike.model.LayerNormWeights;

/** LayerNorm parameters on a device. */
record Norm(DeviceMemory weight, DeviceMemory bias, float eps) implements AutoCloseable {

    static Norm of(LayerNormWeights norm) {
        return new Norm(DeviceMemory.of(norm.weight()), DeviceMemory.of(norm.bias()), norm.eps());
    }

    @Override
    public void close() {
        weight.close();
        bias.close();
    }
}
