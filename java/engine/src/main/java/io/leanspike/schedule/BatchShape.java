package io.leanspike.schedule;

import io.leanspike.backend.TokenBatch;

/**
 * What the planner needs to know of a batch.
 *
 * @param rows tokens of all sequences together
 * @param longest tokens of the longest sequence
 */
public record BatchShape(int sequences, int rows, int longest) {

    public static BatchShape of(TokenBatch batch) {
        int longest = 0;
        for (int b = 0; b < batch.sequences(); b++) {
            longest = Math.max(longest, batch.length(b));
        }
        return new BatchShape(batch.sequences(), batch.rows(), longest);
    }
}
