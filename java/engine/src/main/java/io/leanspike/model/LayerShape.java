package io.leanspike.model;

/**
 * What pruning left of one encoder layer.
 *
 * @param intermediate neurons of the intermediate population
 */
public record LayerShape(AttentionHeads heads, int intermediate) {

    /** @throws IllegalArgumentException when no neuron is left */
    public LayerShape {
        if (intermediate < 1) {
            throw new IllegalArgumentException("a layer with %d intermediate neurons".formatted(intermediate));
        }
    }
}
