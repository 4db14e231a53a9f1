package io.leanspike.backend;

import java.util.Arrays;

/**
 * Tokens of several sequences, ragged: sequence b owns rows {@code rowOffsets[b]} to {@code rowOffsets[b + 1]}. Padding need not exist.
 *
 * @param wordIds [rows]
 * @param positionIds [rows]
 * @param typeIds [rows] segment, 0 or 1
 * @param live [rows] 1 where the attention mask is 1, 0 on padding
 * @param rowOffsets [sequences + 1], strictly rising from 0 to rows
 */
public record TokenBatch(int[] wordIds, int[] positionIds, int[] typeIds, byte[] live, int[] rowOffsets) {

    /** @throws IllegalArgumentException when the arrays do not fit each other */
    public TokenBatch {
        int rows = wordIds.length;
        if (positionIds.length != rows || typeIds.length != rows || live.length != rows) {
            throw new IllegalArgumentException("the arrays of a token batch differ in length");
        }
        if (rowOffsets.length < 2 || rowOffsets[0] != 0 || rowOffsets[rowOffsets.length - 1] != rows) {
            throw new IllegalArgumentException("row offsets must run from 0 to the number of rows");
        }
        for (int b = 0; b + 1 < rowOffsets.length; b++) {
            if (rowOffsets[b + 1] <= rowOffsets[b]) {
                throw new IllegalArgumentException("sequence " + b + " of the batch is empty");
            }
        }
    }

    public int rows() {
        return wordIds.length;
    }

    public int sequences() {
        return rowOffsets.length - 1;
    }

    /** Tokens of sequence b. */
    public int length(int sequence) {
        return rowOffsets[sequence + 1] - rowOffsets[sequence];
    }

    /** The sequences from {@code from} up to, not including, {@code to}. */
    public TokenBatch part(int from, int to) {
        int first = rowOffsets[from];
        int end = rowOffsets[to];
        int[] offsets = Arrays.copyOfRange(rowOffsets, from, to + 1);
        Arrays.setAll(offsets, b -> rowOffsets[from + b] - first);
        return new TokenBatch(Arrays.copyOfRange(wordIds, first, end), Arrays.copyOfRange(positionIds, first, end),
                Arrays.copyOfRange(typeIds, first, end), Arrays.copyOfRange(live, first, end), offsets);
    }
}
