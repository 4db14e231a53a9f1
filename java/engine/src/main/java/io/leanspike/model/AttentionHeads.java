package io.leanspike.model;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The heads of one layer's attention. Pruning may leave every head with sizes of its own.
 *
 * @param keySizes columns of queries and keys of each head, at least 1 each
 * @param valueSizes columns of values and context of each head, at least 1 each
 * @param scale what scores are multiplied by: 1 / sqrt(d_h) with the head size d_h before pruning, so that pruned keys count as silent ones
 */
public record AttentionHeads(List<Integer> keySizes, List<Integer> valueSizes, double scale) {

    /** @throws IllegalArgumentException when there are no heads, their numbers differ or a size is below 1 */
    public AttentionHeads {
        keySizes = List.copyOf(keySizes);
        valueSizes = List.copyOf(valueSizes);
        if (keySizes.isEmpty() || keySizes.size() != valueSizes.size()
                || IntStream.concat(keySizes.stream().mapToInt(i -> i), valueSizes.stream().mapToInt(i -> i)).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException("heads with keys of %s and values of %s columns".formatted(keySizes, valueSizes));
        }
    }

    /** Equal heads, nothing pruned. */
    public static AttentionHeads uniform(int heads, int headSize) {
        List<Integer> sizes = Collections.nCopies(heads, headSize);
        return new AttentionHeads(sizes, sizes, 1 / Math.sqrt(headSize));
    }

    public int count() {
        return keySizes.size();
    }

    /** Columns of queries and keys of all heads. */
    public int keyWidth() {
        return sum(keySizes);
    }

    /** Columns of values and context of all heads. */
    public int valueWidth() {
        return sum(valueSizes);
    }

    /** Where each head's keys begin, and the key width at the end. */
    public int[] keyOffsets() {
        return offsets(keySizes);
    }

    /** Where each head's values begin, and the value width at the end. */
    public int[] valueOffsets() {
        return offsets(valueSizes);
    }

    /** As {@code 12x64 heads}, or all key and value columns where heads differ: {@code 12 heads, 512|768}. */
    @Override
    public String toString() {
        boolean uniform = keySizes.stream().distinct().count() == 1 && keySizes.equals(valueSizes);
        return uniform ? "%dx%d heads".formatted(count(), keySizes.getFirst())
                : "%d heads, %d|%d".formatted(count(), keyWidth(), valueWidth());
    }

    private static int sum(List<Integer> sizes) {
        return sizes.stream().mapToInt(Integer::intValue).sum();
    }

    private static int[] offsets(List<Integer> sizes) {
        int[] offsets = new int[sizes.size() + 1];
        for (int i = 0; i < sizes.size(); i++) {
            offsets[i + 1] = offsets[i] + sizes.get(i);
        }
        return offsets;
    }
}
