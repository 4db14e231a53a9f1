package io.leanspike.account;

/**
 * Spikes of one sequence, over all its tokens and timesteps, that one encoder layer reads or makes on the way.
 *
 * @param input spikes of the embedding or of the previous layer's output
 */
public record LayerSpikes(long input, long key, long value, long context, long attentionOutput, long intermediate) {}
