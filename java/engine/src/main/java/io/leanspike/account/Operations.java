package io.leanspike.account;

import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;

/**
 * Operation counts of one sequence.
 *
 * <p>Synaptic operations (SOPs): one accumulate (AC) for each spike through each live weight, a weight that is not 0: SOPs = sum over
 * units of spikes x {@link FanOut}. A spike of a layer's input meets the weights of query, key and value; a key spike is added into the
 * score of each of the sequence's L queries, a value spike into the context of each; the other spikes meet the weights of the next
 * product. Fan-out operations are the same with every weight taken as live, as if the zeros of a 1.58-bit matrix were added too.
 * Residual additions, LayerNorm, GELU, softmax and the membrane updates are not products and are counted in neither network.
 *
 * <p>Dense MACs: the same products in a non-spiking network of the same shape, one pass, no timesteps.
 */
public final class Operations {
    private Operations() {}

    /** SOPs of one layer for a sequence of {@code length} tokens. */
    public static long synapticOperations(LayerAccumulates products, LayerSpikes spikes, int length) {
        return products.sum() + (spikes.key() + spikes.value()) * length;
    }

    /** Fan-out operations of one layer for a sequence of {@code length} tokens. */
    public static long fanOutOperations(LayerWeights layer, LayerSpikes spikes, int length) {
        return synapticOperations(ofAllWeights(layer, spikes), spikes, length);
    }

    /** What the spikes would cause if every weight were live. */
    public static LayerAccumulates ofAllWeights(LayerWeights layer, LayerSpikes spikes) {
        long inputFanOut = layer.query().outputs() + layer.key().outputs() + layer.value().outputs();
        return new LayerAccumulates(
                spikes.input() * inputFanOut,
                spikes.context() * layer.attentionOutput().outputs(),
                spikes.attentionOutput() * layer.intermediate().outputs(),
                spikes.intermediate() * layer.output().outputs());
    }

    /** MACs of the classifier, which reads real rates in the spiking network too. */
    public static long classifierMacs(EncoderWeights weights) {
        return macs(weights.classifier());
    }

    /** MACs of a dense network of the same shape for a sequence of {@code length} tokens, classifier included. */
    public static long denseMacs(EncoderWeights weights, int length) {
        int hidden = weights.classifier().inputs();
        return classifierMacs(weights) + weights.layers().stream().mapToLong(layer ->
                denseMacs(hidden, layer.key().outputs(), layer.value().outputs(), layer.intermediate().outputs(), length)).sum();
    }

    /**
     * MACs of a dense encoder layer for a sequence of {@code length} tokens.
     *
     * @param keys columns of query and key, all heads
     * @param values columns of value and context
     */
    public static long denseMacs(int hidden, int keys, int values, int intermediate, int length) {
        long products = 2L * hidden * (keys + values + (long) intermediate);
        long attention = (long) length * (keys + values);
        return length * (products + attention);
    }

    private static long macs(LinearWeights linear) {
        return (long) linear.inputs() * linear.outputs();
    }
}
