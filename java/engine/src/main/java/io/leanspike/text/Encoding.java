package io.leanspike.text;

/**
 * Token ids of one sequence, without padding: {@code [CLS] a [SEP]} or {@code [CLS] a [SEP] b [SEP]}. The arrays belong to the
 * record: read them, do not change them.
 *
 * @param wordIds [length] row of the word embedding table
 * @param typeIds [length] segment: 0 up to the first [SEP], 1 after it
 * @param truncated whether tokens were cut off to fit the model's positions
 */
public record Encoding(int[] wordIds, int[] typeIds, boolean truncated) {

    /** @throws IllegalArgumentException when the arrays differ in length */
    public Encoding {
        if (wordIds.length != typeIds.length) {
            throw new IllegalArgumentException(
                    "an encoding has %d word ids but %d type ids".formatted(wordIds.length, typeIds.length));
        }
    }

    /** Tokens. */
    public int length() {
        return wordIds.length;
    }
}
