package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Projection;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A product that no kernel serves as it is planned is refused, in words, before anything is launched. */
class MatmulLimitsTest {
    private static final int ADA = 99 * 1024;

    private static Optional<String> refusal(Projection projection, int inputs, int outputs, int timesteps, String variant, int tileRows) {
        return MatmulLimits.refusal(new KernelCall.SpikeMatmul(0, projection, inputs, outputs, timesteps,
                new Neuron(1, 1, 0, Neuron.Reset.SOFT), new KernelChoice(variant, tileRows, "test")), ADA);
    }

    @Test
    void aLayerNormAfterWideWeightsHasLaunchesOfItsOwn() {
        for (String kind : new String[] {"f32", "f16", "i8"}) {
            assertEquals(Optional.of("a LayerNorm after %s weights has launches of its own: variant split_%s_t1".formatted(kind, kind)),
                    refusal(Projection.OUTPUT, 3072, 768, 4, kind + "_t4", 16));
            assertEquals(Optional.empty(), refusal(Projection.OUTPUT, 3072, 768, 4, "split_" + kind + "_t1", 64));
        }
        assertEquals(Optional.empty(), refusal(Projection.OUTPUT, 3072, 768, 4, "ternary_t4", 8));
        assertEquals(Optional.empty(), refusal(Projection.OUTPUT, 3072, 768, 4, "split_ternary_t1_x4", 64));
    }

    @Test
    void onlyALayerNormIsSplitOff() {
        for (Projection projection : new Projection[] {Projection.QUERY, Projection.KEY, Projection.INTERMEDIATE}) {
            assertEquals(Optional.of("only a LayerNorm is split off"), refusal(projection, 768, 768, 4, "split_f32_t1", 64));
            assertEquals(Optional.empty(), refusal(projection, 768, 768, 4, "f32_t4", 16));
        }
    }

    @Test
    void rowsWiderThanABlockHoldsAreRefused() {
        assertEquals(Optional.of("a LayerNorm over 1024 units does not fit one block, which holds 768"),
                refusal(Projection.OUTPUT, 64, 1024, 4, "ternary_t4", 8));
        assertEquals(Optional.empty(), refusal(Projection.OUTPUT, 64, 1024, 4, "ternary_t4", 4));
        assertEquals(Optional.of("a LayerNorm over 2112 units does not fit one block, which holds 2048"),
                refusal(Projection.OUTPUT, 64, 2112, 4, "gather_f32_t4", 1));
        // Two rows of float32 in 46 KB: the potentials and one timestep.
        assertEquals(Optional.empty(), refusal(Projection.OUTPUT, 64, 5888, 4, "split_f32_t1", 64));
        assertEquals(Optional.of("a LayerNorm over 5889 units does not fit one block, which holds 5888"),
                refusal(Projection.OUTPUT, 64, 5889, 4, "split_f32_t1", 64));
    }

    /** 64 rows of inputs, a bit each, and three stages of 16 KB. */
    @Test
    void inputsThatFillTheSharedMemoryAreRefused() {
        assertEquals(Optional.empty(), refusal(Projection.INTERMEDIATE, 6272, 64, 4, "f32_t4", 16));
        assertEquals(Optional.of("with 6656 inputs a block needs 102688 bytes of shared memory, and this GPU gives it 101376; "
                + "use --backend cpu"), refusal(Projection.INTERMEDIATE, 6656, 64, 4, "f32_t4", 16));
        // Of whole rows the potentials that are carried from chunk to chunk take their part too.
        assertTrue(refusal(Projection.OUTPUT, 5376, 768, 33, "ternary_t4", 8).isPresent());
        assertEquals(Optional.empty(), refusal(Projection.OUTPUT, 5376, 768, 33, "ternary_t16", 2));
        assertTrue(refusal(Projection.KEY, 40000, 64, 4, "gather_f32_t4", 1).isPresent());
    }
}
