package io.leanspike.bench.peers;

import io.leanspike.backend.WeightKind;
import io.leanspike.bench.Work;
import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;

/**
 * What one comparison runs.
 *
 * @param model name of the model
 * @param weights of the encoder's matrices
 * @param density asked for, in words
 */
record Setting(String model, WeightKind weights, String density, int timesteps, int sequences, int length) {

    /** Dense-equivalent products of a forward pass, in billions. */
    double gmac(ModelConfig config) {
        long rows = (long) sequences * length * timesteps;
        double gmac = 0;
        for (LayerShape layer : config.layers()) {
            long columns = 2L * (layer.heads().keyWidth() + layer.heads().valueWidth() + layer.intermediate());
            gmac += Work.gmac(rows, config.hiddenSize(), columns);
        }
        return gmac;
    }

    @Override
    public String toString() {
        return "%s, %s weights, %s, T = %d, %d x %d tokens".formatted(model, weights, density, timesteps, sequences, length);
    }
}
