package io.leanspike.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Whole words near each other in an encoder's word table, by cosine. Words near each other are used alike, which need not mean that
 * they say the same: "good" is near "bad".
 *
 * @param near by a word's id, its neighbours' ids, the nearest first
 */
public record WordNeighbours(Map<Integer, int[]> near) {
    private static final int WORDS_AT_A_TIME = 512;
    private static final int LEAST_LETTERS = 3;

    /**
     * Finds the neighbours of the words that texts use.
     *
     * @param table row-major [vocabulary, width]
     * @param most neighbours of each word
     */
    public static WordNeighbours of(NDManager manager, float[] table, List<String> vocabulary, Texts texts, int most) {
        int[] words = IntStream.range(0, vocabulary.size()).filter(id -> isWord(vocabulary.get(id))).toArray();
        int found = Math.min(most + 1, words.length);
        Map<Integer, int[]> near = new HashMap<>();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray all = directions(manager, table, vocabulary.size(), words).transpose();
            int[] used = used(texts, words);
            for (int from = 0; from < used.length; from += WORDS_AT_A_TIME) {
                int[] part = Arrays.copyOfRange(used, from, Math.min(used.length, from + WORDS_AT_A_TIME));
                try (NDScope inner = new NDScope()) {
                    inner.suppressNotUsedWarning();
                    NDArray cosines = directions(manager, table, vocabulary.size(), part).matMul(all);
                    long[] places = cosines.topK(found, 1).get(1).toLongArray();
                    for (int i = 0; i < part.length; i++) {
                        int word = part[i];
                        near.put(word, Arrays.stream(places, i * found, (i + 1) * found)
                                .mapToInt(place -> words[(int) place]).filter(other -> other != word).limit(most).toArray());
                    }
                }
            }
        }
        return new WordNeighbours(near);
    }

    /** A word's neighbours; empty for what is no word, and for words that the texts did not use. */
    public Optional<int[]> of(int word) {
        return Optional.ofNullable(near.get(word));
    }

    private static boolean isWord(String piece) {
        return piece.length() >= LEAST_LETTERS && piece.chars().allMatch(Character::isLetter);
    }

    private static int[] used(Texts texts, int[] words) {
        return IntStream.range(0, texts.count()).flatMap(i -> Arrays.stream(texts.encoding(i).wordIds())).distinct().sorted()
                .filter(id -> Arrays.binarySearch(words, id) >= 0).toArray();
    }

    /** Rows of the table, of length 1: [words, width]. */
    private static NDArray directions(NDManager manager, float[] table, int vocabulary, int[] words) {
        int width = table.length / vocabulary;
        float[] rows = new float[words.length * width];
        for (int i = 0; i < words.length; i++) {
            System.arraycopy(table, words[i] * width, rows, i * width, width);
        }
        NDArray made = manager.create(rows, new Shape(words.length, width));
        return made.div(made.norm(new int[] {1}, true).maximum(Float.MIN_NORMAL));
    }
}
