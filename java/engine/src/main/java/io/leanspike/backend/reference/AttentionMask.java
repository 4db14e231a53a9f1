package io.leanspike.backend.reference;

import io.leanspike.backend.TokenBatch;
import java.util.stream.IntStream;

/**
 * Which rows a query attends to. The additive mask of -10000 gives a masked key the weight exp(-10000 + ...) = 0 in float64, so leaving
 * the key out is the same; where all keys are masked it shifts them all alike, so that all take part.
 */
final class AttentionMask {
    private AttentionMask() {}

    /** Rows that queries of the sequence attend to. */
    static int[] keys(TokenBatch batch, int sequence) {
        int from = batch.rowOffsets()[sequence];
        int to = batch.rowOffsets()[sequence + 1];
        int[] live = IntStream.range(from, to).filter(row -> batch.live()[row] != 0).toArray();
        return live.length > 0 ? live : IntStream.range(from, to).toArray();
    }

    /** The sequence of every row. */
    static int[] sequenceOfRow(TokenBatch batch) {
        int[] sequence = new int[batch.rows()];
        for (int b = 0; b < batch.sequences(); b++) {
            java.util.Arrays.fill(sequence, batch.rowOffsets()[b], batch.rowOffsets()[b + 1], b);
        }
        return sequence;
    }
}
