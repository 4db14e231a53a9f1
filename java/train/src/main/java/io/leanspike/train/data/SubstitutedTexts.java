package io.leanspike.train.data;

import io.leanspike.text.Encoding;
import java.util.Random;

/**
 * Copies of texts in which words are replaced by neighbours, for a teacher to label (as in TinyBERT, arXiv 1909.10351, which asks a
 * masked language model for words besides). A copy is a function of seed and index alone.
 *
 * @param copies of each text; copy c of text i has index {@code c * originals.count() + i}
 * @param share of the words that have neighbours that is replaced
 */
public record SubstitutedTexts(Texts originals, int copies, WordNeighbours neighbours, double share, long seed) implements Texts {

    @Override
    public int count() {
        return Math.multiplyExact(copies, originals.count());
    }

    @Override
    public int length(int index) {
        return originals.length(index % originals.count());
    }

    @Override
    public Encoding encoding(int index) {
        Encoding original = originals.encoding(index % originals.count());
        Random random = new Random(seed * 0x9E3779B97F4A7C15L + index);
        int[] words = original.wordIds().clone();
        for (int i = 0; i < words.length; i++) {
            int word = words[i];
            if (random.nextDouble() < share) {
                words[i] = neighbours.of(word).filter(near -> near.length > 0).map(near -> near[random.nextInt(near.length)]).orElse(word);
            }
        }
        return new Encoding(words, original.typeIds(), original.truncated());
    }
}
