package io.leanspike.account;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class OperationsTest {
    private static final int D = 6;
    private static final int F = 10;
    private static final int LENGTH = 7;

    private static EncoderWeights weights(Arena arena) {
        ModelConfig config = RandomModel.config(new Shape(D, 2, F, 1, LENGTH), 2, 1, 1, 0);
        return RandomModel.weights(config, 3, arena);
    }

    @Test
    void aSilentLayerCostsNothing() {
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(0, Operations.fanOutOperations(weights(arena).layers().getFirst(), new LayerSpikes(0, 0, 0, 0, 0, 0), LENGTH));
        }
    }

    /** With every unit firing once, each product costs as many accumulates as the dense network has MACs. */
    @Test
    void oneSpikeAUnitCostsWhatTheDenseNetworkCosts() {
        try (Arena arena = Arena.ofConfined()) {
            EncoderWeights weights = weights(arena);
            LayerSpikes full = new LayerSpikes(LENGTH * D, LENGTH * D, LENGTH * D, LENGTH * D, LENGTH * D, LENGTH * F);
            long perLayer = Operations.fanOutOperations(weights.layers().getFirst(), full, LENGTH);
            assertEquals(Operations.denseMacs(weights, LENGTH) - Operations.classifierMacs(weights), 2 * perLayer);
        }
    }

    @Test
    void denseMacsAreThoseOfATransformer() {
        try (Arena arena = Arena.ofConfined()) {
            long layer = LENGTH * (4L * D * D + 2L * D * F) + 2L * LENGTH * LENGTH * D;
            assertEquals(2 * layer + 3 * D, Operations.denseMacs(weights(arena), LENGTH));
        }
    }

    @Test
    void energyUsesTheStatedFactors() {
        assertEquals((10 * 0.9 + 3 * 4.6) * 1e-12, EnergyModel.FORTY_FIVE_NANOMETRES.joules(10, 3), 1e-24);
    }
}
