package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.leanspike.text.Encoding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A batch of sequences, padded to the longest.
 *
 * @param distinct [rows] ids of the words that occur, each once
 * @param words [B, L] row of {@code distinct} of each token
 * @param positions [L]
 * @param types [B, L]
 * @param mask [B, 1, 1, L] what is added to attention scores: 0 on tokens, -10000 on padding; empty without padding
 * @param live [B, L, 1] 1 on tokens, 0 on padding
 */
public record TokenTensors(
        NDArray distinct, NDArray words, NDArray positions, NDArray types, Optional<NDArray> mask, NDArray live,
        int sequences, int length, int tokens) {
    private static final float PADDING_SCORE = -10_000;

    public static TokenTensors of(NDManager manager, List<Encoding> encodings) {
        int sequences = encodings.size();
        int length = encodings.stream().mapToInt(Encoding::length).max().orElseThrow();
        int tokens = encodings.stream().mapToInt(Encoding::length).sum();
        Map<Integer, Integer> rowOf = new LinkedHashMap<>();
        long[] words = new long[sequences * length];
        long[] types = new long[sequences * length];
        float[] live = new float[sequences * length];
        float[] scores = new float[sequences * length];
        for (int b = 0; b < sequences; b++) {
            Encoding encoding = encodings.get(b);
            for (int i = 0; i < length; i++) {
                int at = b * length + i;
                boolean isToken = i < encoding.length();
                int word = isToken ? encoding.wordIds()[i] : 0;
                Integer fresh = rowOf.size();
                Integer known = rowOf.putIfAbsent(word, fresh);
                words[at] = known == null ? fresh : known;
                types[at] = isToken ? encoding.typeIds()[i] : 0;
                live[at] = isToken ? 1 : 0;
                scores[at] = isToken ? 0 : PADDING_SCORE;
            }
        }
        long[] positions = new long[length];
        for (int i = 0; i < length; i++) {
            positions[i] = i;
        }
        Shape shape = new Shape(sequences, length);
        return new TokenTensors(
                manager.create(rowOf.keySet().stream().mapToLong(Integer::longValue).toArray()),
                manager.create(words, shape), manager.create(positions), manager.create(types, shape),
                tokens == sequences * length
                        ? Optional.empty()
                        : Optional.of(manager.create(scores, new Shape(sequences, 1, 1, length))),
                manager.create(live, new Shape(sequences, length, 1)), sequences, length, tokens);
    }
}
