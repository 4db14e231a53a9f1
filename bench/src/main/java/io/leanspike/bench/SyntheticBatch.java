package io.leanspike.bench;

import io.leanspike.backend.TokenBatch;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Sequences of equal length with random words. */
public record SyntheticBatch(int sequences, int length) {

    public int rows() {
        return sequences * length;
    }

    public TokenBatch tokens(int vocabulary) {
        SplittableRandom random = new SplittableRandom(rows());
        int[] words = new int[rows()];
        int[] positions = new int[rows()];
        byte[] live = new byte[rows()];
        int[] offsets = new int[sequences + 1];
        Arrays.setAll(words, row -> random.nextInt(vocabulary));
        Arrays.setAll(positions, row -> row % length);
        Arrays.fill(live, (byte) 1);
        Arrays.setAll(offsets, sequence -> sequence * length);
        return new TokenBatch(words, positions, new int[rows()], live, offsets);
    }
}
