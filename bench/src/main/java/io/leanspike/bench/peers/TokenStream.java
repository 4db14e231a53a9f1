package io.leanspike.bench.peers;

import io.leanspike.backend.TokenBatch;
import io.leanspike.text.Encoding;
import java.util.Arrays;
import java.util.List;

/** Real text as rectangles: the pieces of all sentences one after the other, from the start again where they end, each row framed as one sentence. */
record TokenStream(int[] pieces, int first, int last) {

    /** @param encodings {@code [CLS] a [SEP]} each */
    static TokenStream of(List<Encoding> encodings) {
        int[] pieces = encodings.stream().flatMapToInt(encoding -> Arrays.stream(encoding.wordIds(), 1, encoding.length() - 1)).toArray();
        int[] frame = encodings.getFirst().wordIds();
        return new TokenStream(pieces, frame[0], frame[frame.length - 1]);
    }

    TokenBatch batch(int sequences, int length) {
        int[] words = new int[sequences * length];
        int[] positions = new int[words.length];
        byte[] live = new byte[words.length];
        int[] offsets = new int[sequences + 1];
        int next = 0;
        for (int row = 0; row < words.length; row++) {
            positions[row] = row % length;
            words[row] = positions[row] == 0 ? first : positions[row] == length - 1 ? last : pieces[next++ % pieces.length];
        }
        Arrays.fill(live, (byte) 1);
        Arrays.setAll(offsets, sequence -> sequence * length);
        return new TokenBatch(words, positions, new int[words.length], live, offsets);
    }
}
