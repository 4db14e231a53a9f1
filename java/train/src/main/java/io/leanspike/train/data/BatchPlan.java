package io.leanspike.train.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The batches of one epoch: examples are shuffled, sorted by length within blocks of {@value #BLOCK} batches so that little is
 * padding, cut, and the batches shuffled. The plan is a function of seed and epoch alone, so that a resumed training sees the same.
 *
 * @param batches indices of examples
 */
public record BatchPlan(List<int[]> batches) {
    private static final int BLOCK = 50;

    /**
     * @param batchSize sequences a batch
     * @param mostTokens padded tokens a batch; longer batches are cut into more
     */
    public static BatchPlan of(Texts texts, int batchSize, int mostTokens, long seed, int epoch) {
        Random random = new Random(seed * 1_000_003 + epoch);
        int[] order = IntStream.range(0, texts.count()).toArray();
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
        List<int[]> batches = new ArrayList<>();
        int block = (int) Math.clamp((long) BLOCK * batchSize, 1, Math.max(1, order.length));
        for (int from = 0; from < order.length; from += block) {
            int[] part = Arrays.copyOfRange(order, from, Math.min(order.length, from + block));
            cut(rising(part, texts), texts, batchSize, mostTokens, batches);
        }
        Collections.shuffle(batches, random);
        return new BatchPlan(List.copyOf(batches));
    }

    /** All examples, the longest first, for evaluation. */
    public static BatchPlan byLength(Texts texts, int batchSize, int mostTokens) {
        List<int[]> batches = new ArrayList<>();
        cut(rising(IntStream.range(0, texts.count()).toArray(), texts), texts, batchSize, mostTokens, batches);
        return new BatchPlan(batches.reversed());
    }

    /** By length; texts of the same length stay in their order. */
    private static int[] rising(int[] indices, Texts texts) {
        long[] keys = new long[indices.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) texts.length(indices[i]) << Integer.SIZE | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> indices[(int) key]).toArray();
    }

    /** @param order rising in length */
    private static void cut(int[] order, Texts texts, int batchSize, int mostTokens, List<int[]> batches) {
        int from = 0;
        for (int i = 0; i < order.length; i++) {
            int longest = texts.length(order[i]);
            boolean full = i - from == batchSize || i > from && (long) longest * (i - from + 1) > mostTokens;
            if (full) {
                batches.add(Arrays.copyOfRange(order, from, i));
                from = i;
            }
        }
        batches.add(Arrays.copyOfRange(order, from, order.length));
    }
}
