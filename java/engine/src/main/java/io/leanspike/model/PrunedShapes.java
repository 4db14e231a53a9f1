package io.leanspike.model;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code spiking.layers} of config.json: for each layer {@code {"key_sizes": [...], "value_sizes": [...], "intermediate_size": n}}, the
 * columns that pruning left of each head's queries and keys, of its values, and the neurons it left. Heads that are gone are not listed.
 * Which units these were does not matter to the engine.
 */
final class PrunedShapes {
    private PrunedShapes() {}

    /**
     * @param spiking the object that has {@code layers}
     * @throws io.leanspike.error.InvalidInputException when a field is missing, of the wrong type or out of range
     */
    static ModelConfig read(ModelConfig whole, JsonFields spiking) {
        List<JsonFields> entries = spiking.objects("layers");
        if (entries.size() != whole.hiddenLayers()) {
            throw spiking.invalid("layers", "has %d entries, but num_hidden_layers is %d".formatted(entries.size(), whole.hiddenLayers()));
        }
        List<LayerShape> shapes = new ArrayList<>();
        for (JsonFields entry : entries) {
            List<Integer> keys = entry.integers("key_sizes", 1, whole.headSize());
            List<Integer> values = entry.integers("value_sizes", 1, whole.headSize());
            if (keys.size() != values.size() || keys.size() > whole.attentionHeads()) {
                throw entry.invalid("key_sizes", "has %d heads and value_sizes %d, of the %d that there were"
                        .formatted(keys.size(), values.size(), whole.attentionHeads()));
            }
            shapes.add(new LayerShape(new AttentionHeads(keys, values, 1 / Math.sqrt(whole.headSize())),
                    entry.integer("intermediate_size", 1, whole.intermediateSize())));
        }
        return whole.withLayers(shapes);
    }
}
