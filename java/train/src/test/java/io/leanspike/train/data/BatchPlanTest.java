package io.leanspike.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.text.Encoding;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPlanTest {
    private static final Texts TEXTS = texts(1000);

    private static Texts texts(int count) {
        Random random = new Random(5);
        return Texts.of(IntStream.range(0, count).mapToObj(i -> 2 + random.nextInt(40))
                .map(length -> new Encoding(new int[length], new int[length], false)).toList());
    }

    @Test
    void everyExampleIsInOneBatch() {
        for (BatchPlan plan : List.of(BatchPlan.of(TEXTS, 32, 4096, 1, 0), BatchPlan.of(TEXTS, 7, 100, 1, 3),
                BatchPlan.byLength(TEXTS, 64, 2048))) {
            int[] seen = plan.batches().stream().flatMapToInt(Arrays::stream).sorted().toArray();
            assertArrayEquals(IntStream.range(0, TEXTS.count()).toArray(), seen);
        }
    }

    @Test
    void batchesKeepBothLimits() {
        for (int[] batch : BatchPlan.of(TEXTS, 32, 256, 1, 0).batches()) {
            int longest = Arrays.stream(batch).map(TEXTS::length).max().orElseThrow();
            assertTrue(batch.length <= 32 && batch.length * longest <= 256);
        }
    }

    @Test
    void littleIsPadding() {
        long padded = 0;
        for (int[] batch : BatchPlan.of(TEXTS, 32, 4096, 1, 0).batches()) {
            padded += (long) batch.length * Arrays.stream(batch).map(TEXTS::length).max().orElseThrow();
        }
        long tokens = IntStream.range(0, TEXTS.count()).mapToLong(TEXTS::length).sum();
        assertTrue(padded < 1.15 * tokens, padded + " positions for " + tokens + " tokens");
    }

    @Test
    void orderDependsOnSeedAndEpochAlone() {
        assertTrue(same(BatchPlan.of(TEXTS, 32, 4096, 1, 2), BatchPlan.of(TEXTS, 32, 4096, 1, 2)));
        assertFalse(same(BatchPlan.of(TEXTS, 32, 4096, 1, 2), BatchPlan.of(TEXTS, 32, 4096, 1, 3)));
        assertFalse(same(BatchPlan.of(TEXTS, 32, 4096, 1, 2), BatchPlan.of(TEXTS, 32, 4096, 2, 2)));
    }

    private static boolean same(BatchPlan a, BatchPlan b) {
        assertEquals(a.batches().size(), b.batches().size());
        return IntStream.range(0, a.batches().size()).allMatch(i -> Arrays.equals(a.batches().get(i), b.batches().get(i)));
    }
}
