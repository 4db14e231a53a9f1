package io.leanspike.backend.cuda;

import io.leanspike.model.LayerNormWeights;

/** LayerNorm parameters on a device. */
record Norm(DeviceMemory weight, DeviceMemory bias, float eps) implements Owned.Resource {

    static Norm of(LayerNormWeights norm) {
        return Owned.whole(parts -> new Norm(parts.add(DeviceMemory.of(norm.weight())), parts.add(DeviceMemory.of(norm.bias())),
                norm.eps()));
    }

    @Override
    public void close() {
        weight.close();
        bias.close();
    }
}
