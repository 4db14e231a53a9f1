package io.leanspike.compress;

import io.leanspike.model.AttentionHeads;
import io.leanspike.model.LayerShape;
import java.util.ArrayList;
import java.util.List;

/**
 * What stays of one layer.
 *
 * @param heads those that stay, in their order
 * @param neurons indices of the intermediate neurons that stay, rising
 */
public record LayerKeep(List<Head> heads, List<Integer> neurons) {

    /**
     * One head: indices of its columns among those of all the layer's heads, rising.
     *
     * @param keys columns of query and key
     * @param values columns of value and context
     */
    public record Head(List<Integer> keys, List<Integer> values) {
        public Head {
            keys = List.copyOf(keys);
            values = List.copyOf(values);
        }
    }

    /** @throws IllegalArgumentException when no head, no column of a head or no neuron stays */
    public LayerKeep {
        heads = List.copyOf(heads);
        neurons = List.copyOf(neurons);
        if (heads.isEmpty() || neurons.isEmpty() || heads.stream().anyMatch(head -> head.keys().isEmpty() || head.values().isEmpty())) {
            throw new IllegalArgumentException("of every layer at least a head with a key and a value column, and a neuron, must stay");
        }
    }

    /** Everything. */
    public static LayerKeep all(LayerShape shape) {
        int[] keys = shape.heads().keyOffsets();
        int[] values = shape.heads().valueOffsets();
        List<Head> heads = new ArrayList<>();
        for (int h = 0; h < shape.heads().count(); h++) {
            heads.add(new Head(range(keys[h], keys[h + 1]), range(values[h], values[h + 1])));
        }
        return new LayerKeep(heads, range(0, shape.intermediate()));
    }

    private static List<Integer> range(int from, int to) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = from; i < to; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    /** The shape that is left of a layer of {@code before}. */
    public LayerShape shape(LayerShape before) {
        return new LayerShape(new AttentionHeads(heads.stream().map(head -> head.keys().size()).toList(),
                heads.stream().map(head -> head.values().size()).toList(), before.heads().scale()), neurons.size());
    }

    int[] keyColumns() {
        return heads.stream().flatMap(head -> head.keys().stream()).mapToInt(Integer::intValue).toArray();
    }

    int[] valueColumns() {
        return heads.stream().flatMap(head -> head.values().stream()).mapToInt(Integer::intValue).toArray();
    }

    int[] neuronIndices() {
        return neurons.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The values at these indices. */
    static float[] pick(float[] values, int[] indices) {
        float[] picked = new float[indices.length];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = values[indices[i]];
        }
        return picked;
    }
}
