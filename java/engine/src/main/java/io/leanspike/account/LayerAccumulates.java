package io.leanspike.account;

/**
 * Accumulates of one sequence that the spikes which one encoder layer's products read cause in them.
 *
 * @param input in query, key and value
 * @param context in the attention output
 * @param attentionOutput in the intermediate product
 * @param intermediate in the output
 */
public record LayerAccumulates(long input, long context, long attentionOutput, long intermediate) {
    public long sum() {
        return input + context + attentionOutput + intermediate;
    }
}
