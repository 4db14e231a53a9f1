package io.leanspike.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.leanspike.text.Encoding;
import io.leanspike.train.nn.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Copies differ from their originals in words alone, by neighbours alone, and are the same each time they are read. */
class SubstitutedTextsTest {
    private static final List<String> VOCABULARY = List.of("[CLS]", "[SEP]", "warm", "hot", "cold", "##er", "of", "stone", "rock");
    /** Angles in degrees; "warm" has "hot" and "cold" next to it, "stone" has "rock". */
    private static final double[] ANGLES = {0, 0, 10, 15, 30, 12, 14, 100, 103};

    private static Encoding encoding(int... words) {
        return new Encoding(words, new int[words.length], false);
    }

    private static final Texts TEXTS = Texts.of(List.of(encoding(0, 2, 5, 6, 1), encoding(0, 7, 6, 8, 1)));

    private static WordNeighbours neighbours(int most) {
        float[] table = new float[2 * ANGLES.length];
        for (int i = 0; i < ANGLES.length; i++) {
            table[2 * i] = (float) ((i + 1) * Math.cos(Math.toRadians(ANGLES[i])));
            table[2 * i + 1] = (float) ((i + 1) * Math.sin(Math.toRadians(ANGLES[i])));
        }
        try (NDManager manager = Torch.manager()) {
            return WordNeighbours.of(manager, table, VOCABULARY, TEXTS, most);
        }
    }

    @Test
    void neighboursAreWholeWordsByCosine() {
        Map<Integer, int[]> near = neighbours(2).near();
        assertEquals(3, near.size(), "the whole words that the texts use");
        assertArrayEquals(new int[] {3, 4}, near.get(2));
        assertArrayEquals(new int[] {8, 4}, near.get(7));
        assertArrayEquals(new int[] {7, 4}, near.get(8));
    }

    @Test
    void everyWordIsReplacedAtShareOne() {
        Texts copies = new SubstitutedTexts(TEXTS, 1, neighbours(1), 1, 5);
        assertArrayEquals(new int[] {0, 3, 5, 6, 1}, copies.encoding(0).wordIds());
        assertArrayEquals(new int[] {0, 8, 6, 7, 1}, copies.encoding(1).wordIds());
    }

    @Test
    void copiesAreMoreOrLessReplacedAndAlwaysTheSame() {
        WordNeighbours neighbours = neighbours(2);
        Texts copies = new SubstitutedTexts(TEXTS, 4000, neighbours, 0.25, 5);
        assertEquals(8000, copies.count());
        int replaced = 0;
        for (int i = 0; i < copies.count(); i++) {
            int[] original = TEXTS.encoding(i % 2).wordIds();
            int[] words = copies.encoding(i).wordIds();
            assertArrayEquals(words, copies.encoding(i).wordIds());
            assertEquals(words.length, copies.length(i));
            for (int t = 0; t < words.length; t++) {
                int word = words[t];
                if (word != original[t]) {
                    replaced++;
                    assertTrue(Arrays.stream(neighbours.near().get(original[t])).anyMatch(near -> near == word));
                }
            }
        }
        int replaceable = 4000 * 3;
        double deviation = Math.sqrt(replaceable * 0.25 * 0.75);
        assertEquals(replaceable * 0.25, replaced, 5 * deviation);
    }

    @Test
    void joinedTextsAreTheFirstThenTheSecond() {
        Texts joined = new JoinedTexts(TEXTS, new SubstitutedTexts(TEXTS, 1, neighbours(1), 1, 5));
        assertEquals(4, joined.count());
        assertEquals(List.of(2, 7, 3, 8), IntStream.range(0, 4).mapToObj(i -> joined.encoding(i).wordIds()[1]).toList());
    }
}
