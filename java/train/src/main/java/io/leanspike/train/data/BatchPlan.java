package io.leanspike.train.data;

import io.leanspike.text.Encoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
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
    public static BatchPlan of(List<Encoding> encodings, int batchSize, int mostTokens, long seed, int epoch) {
        Random random = new Random(seed * 1_000_003 + epoch);
        List<Integer> order = new ArrayList<>(IntStream.range(0, encodings.size()).boxed().toList());
        Collections.shuffle(order, random);
        List<int[]> batches = new ArrayList<>();
        int block = BLOCK * batchSize;
        for (int from = 0; from < order.size(); from += block) {
            List<Integer> part = new ArrayList<>(order.subList(from, Math.min(from + block, order.size())));
            part.sort(Comparator.comparingInt(i -> encodings.get(i).length()));
            cut(part, encodings, batchSize, mostTokens, batches);
        }
        Collections.shuffle(batches, random);
        return new BatchPlan(List.copyOf(batches));
    }

    /** All examples, the longest first, for evaluation. */
    public static BatchPlan byLength(List<Encoding> encodings, int batchSize, int mostTokens) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, encodings.size()).boxed().toList());
        order.sort(Comparator.comparingInt(i -> encodings.get(i).length()));
        List<int[]> batches = new ArrayList<>();
        cut(order, encodings, batchSize, mostTokens, batches);
        return new BatchPlan(batches.reversed());
    }

    /** @param order rising in length */
    private static void cut(List<Integer> order, List<Encoding> encodings, int batchSize, int mostTokens, List<int[]> batches) {
        int from = 0;
        for (int i = 0; i < order.size(); i++) {
            int longest = encodings.get(order.get(i)).length();
            boolean full = i - from == batchSize || i > from && longest * (i - from + 1) > mostTokens;
            if (full) {
                batches.add(indices(order, from, i));
                from = i;
            }
        }
        batches.add(indices(order, from, order.size()));
    }

    private static int[] indices(List<Integer> order, int from, int to) {
        return order.subList(from, to).stream().mapToInt(Integer::intValue).toArray();
    }

    /** Encodings of a batch. */
    public static List<Encoding> select(List<Encoding> encodings, int[] batch) {
        return Arrays.stream(batch).mapToObj(encodings::get).toList();
    }
}
