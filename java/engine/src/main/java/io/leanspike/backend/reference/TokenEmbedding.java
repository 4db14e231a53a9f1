package io.leanspike.backend.reference;

import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EmbeddingWeights;

/** Word + position + token type embedding of one row, normalised: the constant current of the embedding population. */
final class TokenEmbedding {
    private TokenEmbedding() {}

    static double[] of(EmbeddingWeights weights, TokenBatch batch, int row) {
        double[] x = new double[weights.word().columns()];
        for (int j = 0; j < x.length; j++) {
            x[j] = weights.word().get(batch.wordIds()[row], j)
                    + weights.position().get(batch.positionIds()[row], j)
                    + weights.tokenType().get(batch.typeIds()[row], j);
        }
        Numerics.layerNorm(x, weights.norm().weight(), weights.norm().bias(), weights.norm().eps());
        return x;
    }
}
