package io.leanspike.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.GpuAttention;
import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.KernelChoice;
import io.leanspike.model.AttentionHeads;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionBlocksTest {
    private static final GpuProperties A100 = new GpuProperties(80, 108, 163 * 1024);
    private static final GpuProperties H200 = new GpuProperties(90, 132, 227 * 1024);
    private static final GpuProperties RTX = new GpuProperties(120, 170, 99 * 1024);
    private static final AttentionHeads BERT = AttentionHeads.uniform(12, 64);

    private static AttentionBlocks blocks(GpuProperties gpu, AttentionHeads heads, int sequences, int longest, int timesteps) {
        return AttentionBlocks.of(gpu, heads, new BatchShape(sequences, sequences * longest, longest), timesteps);
    }

    @Test
    void oneSequenceHasAllItsTimestepsAtWork() {
        for (int timesteps : new int[] {1, 2, 4, 5, 16}) {
            AttentionBlocks one = blocks(H200, BERT, 1, 128, timesteps);
            assertEquals(timesteps, one.cut().steps());
            assertEquals(1, one.rounds() * one.chunks());
        }
        assertEquals(8, blocks(H200, BERT, 1, 128, 128).chunks());
    }

    @Test
    void manySequencesShareTheBitsAmongMoreQueries() {
        for (GpuProperties gpu : List.of(A100, H200, RTX)) {
            for (int timesteps : new int[] {1, 4, 16}) {
                assertTrue(blocks(gpu, BERT, 256, 128, timesteps).cut().tokens() > 16, gpu + " T = " + timesteps);
            }
        }
    }

    @Test
    void aBlockIsNeverLargerThanTheDeviceAllows() {
        for (GpuProperties gpu : List.of(A100, H200, RTX)) {
            for (int head : new int[] {1, 64, 65, 128}) {
                for (int sequences : new int[] {1, 7, 300}) {
                    for (int longest : new int[] {1, 16, 17, 128, 512}) {
                        for (int timesteps : new int[] {1, 3, 4, 16, 33, 128}) {
                            GpuAttention cut = blocks(gpu, AttentionHeads.uniform(12, head), sequences, longest, timesteps).cut();
                            int columns = head <= 64 ? 64 : 128;
                            assertTrue(cut.sharedBytes(columns, longest, timesteps) <= gpu.sharedBytesPerBlock(), cut.toString());
                            assertTrue(cut.warps() <= GpuAttention.mostWarps(columns) && cut.steps() <= timesteps, cut.toString());
                            assertTrue(cut.tokens() < longest + 16, cut + " for " + longest);
                        }
                    }
                }
            }
        }
    }

    @Test
    void theReasonNamesTheCut() {
        KernelChoice choice = new GpuCosts(H200).attention(BERT, new BatchShape(1, 128, 128), 16);
        assertEquals("f32_t16", choice.variant());
        assertEquals(16, choice.tileRows());
        assertTrue(choice.reason().toString().contains("96 blocks for 132 multiprocessors, 16 of T = 16 at once"), choice.reason().toString());
    }
}
