package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.cuda.CountSlices.Work;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Slices cover every sequence, are as small as a small batch needs, and no more than a device is busy with. */
class CountSlicesTest {
    private static final int MULTIPROCESSORS = 132;

    @Test
    void slicesCoverTheLongestSequenceInEveryPopulationAndNoneIsEmptyInTheWidest() {
        for (int width : new int[] {1, 64, 768, 3072, 16500}) {
            for (int timesteps : new int[] {1, 4, 100}) {
                for (int longest : new int[] {1, 7, 128, 5000}) {
                    for (int sequences : new int[] {1, 32, 1000}) {
                        for (BiFunction<Integer, Integer, Work> kernel : List.<BiFunction<Integer, Integer, Work>>of(Work::counted, Work::weighed)) {
                            Work work = kernel.apply(timesteps, width);
                            CountSlices cut = CountSlices.of(List.of(kernel.apply(timesteps, 1), work), sequences * longest, longest,
                                    MULTIPROCESSORS);
                            long words = longest * work.wordsPerRow();
                            long sliceWords = (long) cut.rounds() * work.wordsPerRound();
                            assertTrue(cut.slices() * sliceWords >= words, work + " " + cut);
                            assertTrue((cut.slices() - 1) * sliceWords < words, work + " " + cut);
                            assertTrue(sliceWords * Long.SIZE < 1L << 32, "the kernels' 32 bits: " + cut);
                        }
                    }
                }
            }
        }
    }

    /** SpikingBERT_4's layer at T = 16: 2,048 timesteps of 128 tokens, in 12 and 48 words. */
    @Test
    void aSingleSequenceIsSpreadOverTheDeviceAndALargeBatchKeepsItBusyOnce() {
        List<Work> layer = IntStream.of(768, 768, 768, 768, 3072, 768).mapToObj(width -> Work.counted(16, width)).toList();
        assertEquals(new CountSlices(2048 * 48 / 1024, 1), CountSlices.of(layer, 128, 128, MULTIPROCESSORS));
        CountSlices large = CountSlices.of(layer, 64 * 128, 128, MULTIPROCESSORS);
        long blocks = layer.stream().mapToLong(work -> 64 * Math.ceilDiv(128 * work.wordsPerRow(), large.rounds() * (long) work.wordsPerRound())).sum();
        assertTrue(blocks >= 4 * MULTIPROCESSORS && blocks <= 9 * MULTIPROCESSORS, blocks + " blocks that count, " + large);
    }
}
