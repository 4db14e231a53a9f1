package io.leanspike.bench;

import io.leanspike.error.InvalidInputException;
import io.leanspike.model.AttentionHeads;
import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;
import java.util.Collections;

/**
 * What structural pruning leaves of every layer, as shares from 0 to 1: at least one head and one neuron stay.
 *
 * @param heads of the attention heads
 * @param neurons of the intermediate neurons
 */
record Kept(double heads, double neurons) {
    static final Kept ALL = new Kept(1, 1);

    /** @throws InvalidInputException when a share is none */
    Kept {
        for (double share : new double[] {heads, neurons}) {
            if (!(share > 0 && share <= 1)) {
                throw new InvalidInputException("what is kept is a share above 0 and at most 1, not " + share);
            }
        }
    }

    /** An unpruned model's shape, pruned. */
    ModelConfig of(ModelConfig whole) {
        int size = whole.headSize();
        int count = Math.max(1, (int) Math.round(heads * whole.attentionHeads()));
        AttentionHeads left = new AttentionHeads(Collections.nCopies(count, size), Collections.nCopies(count, size), 1 / Math.sqrt(size));
        LayerShape layer = new LayerShape(left, Math.max(1, (int) Math.round(neurons * whole.intermediateSize())));
        return new ModelConfig(whole.vocabularySize(), whole.hiddenSize(), whole.attentionHeads(), whole.intermediateSize(), whole.hiddenLayers(),
                whole.maxPositions(), whole.tokenTypes(), whole.layerNormEps(), whole.labels(), whole.spiking(),
                Collections.nCopies(whole.hiddenLayers(), layer));
    }

    @Override
    public String toString() {
        return equals(ALL) ? "nothing pruned" : "%.0f%% of heads and %.0f%% of neurons kept".formatted(100 * heads, 100 * neurons);
    }
}
