package io.leanspike.text;

import io.leanspike.backend.TokenBatch;

/**
 * Sequences that run together.
 *
 * @param inputs [sequences] index of each sequence in the list that was cut into batches
 */
public record LengthBatch(int[] inputs, TokenBatch tokens) {}
