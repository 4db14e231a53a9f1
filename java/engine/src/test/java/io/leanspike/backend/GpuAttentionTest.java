package io.leanspike.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.leanspike.model.AttentionHeads;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuAttentionTest {
    @Test
    void aCutIsReadFromThePlanAsItIsWritten() {
        GpuAttention cut = new GpuAttention(64, 4);
        KernelChoice choice = cut.choice("test");
        assertEquals(new KernelChoice("f32_t4", 64, "test"), choice);
        assertEquals(cut, GpuAttention.of(choice));
        assertEquals(16, cut.warps());
    }

    @Test
    void whatIsNoCutIsRefused() {
        for (KernelChoice choice : List.of(new KernelChoice("software", 16, "test"), new KernelChoice("f32_t0", 16, "test"),
                new KernelChoice("f32_t4", 0, "test"), new KernelChoice("f32_t4", 24, "test"), new KernelChoice("gather_f32_t4", 16, "test"))) {
            assertThrows(IllegalArgumentException.class, () -> GpuAttention.of(choice), choice.toString());
        }
    }

    @Test
    void theWidestHeadDecidesTheKernel() {
        assertEquals(64, GpuAttention.headColumns(AttentionHeads.uniform(2, 64)));
        assertEquals(128, GpuAttention.headColumns(new AttentionHeads(List.of(8, 8), List.of(1, 65), 1)));
        assertEquals(128, GpuAttention.headColumns(new AttentionHeads(List.of(65), List.of(1), 1)));
    }

    /** The layout that spiking_attention.cu documents, added up here anew. */
    @Test
    void sharedMemoryHoldsCurrentsPotentialsMaskAndBits() {
        int currents = 4 * 32 * (64 + 16) * 4;
        int mask = 8 * 4;
        int bits = 4 * 5 * (64 + 64) * 4;
        assertEquals(currents + mask + bits, new GpuAttention(32, 4).sharedBytes(64, 130, 4));
        assertEquals(currents + 32 * 64 * 4 + mask + bits, new GpuAttention(32, 4).sharedBytes(64, 130, 5));
    }
}
