package io.leanspike.train.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.leanspike.compress.LayerKeep;
import io.leanspike.train.pretrained.EncoderShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is left of one layer while it is masked: context columns, of which a head is gone when all of its are, and intermediate neurons.
 *
 * @param context [hidden], head by head
 * @param neurons [intermediate]
 */
public record LayerMasks(int heads, UnitMask context, UnitMask neurons) {

    /** Everything is left. */
    public static List<LayerMasks> all(NDManager manager, EncoderShape shape) {
        List<LayerMasks> masks = new ArrayList<>();
        for (int layer = 0; layer < shape.layers(); layer++) {
            String name = prefix(layer);
            masks.add(new LayerMasks(shape.heads(), UnitMask.of(manager, name + "context", shape.hidden()),
                    UnitMask.of(manager, name + "neurons", shape.intermediate())));
        }
        return masks;
    }

    /** What names of masks start with; the first layer's, 0, are in every file that has masks. */
    public static String prefix(int layer) {
        return "mask.layer." + layer + ".";
    }

    /** Of both populations. */
    public List<UnitMask> both() {
        return List.of(context, neurons);
    }

    public void addTo(Map<String, NDArray> state) {
        both().forEach(mask -> mask.addTo(state));
    }

    /** The masks alone, by name, as a later training starts with them. */
    public void addKeptTo(Map<String, NDArray> values) {
        both().forEach(mask -> values.put(mask.name(), mask.kept()));
    }

    /** [heads, 1] 1 for a head that is left. */
    public NDArray headsKept() {
        return context.kept().stopGradient().reshape(heads, -1).max(new int[] {1}, true);
    }

    /** [2 hidden] of keys, then values: 1 where their head is left. */
    public NDArray keysAndValuesKept() {
        NDArray columns = headsKept().mul(context.kept().stopGradient().onesLike().reshape(heads, -1)).flatten();
        return NDArrays.concat(new NDList(columns, columns));
    }

    /** Silences everything but this. */
    public void keep(LayerKeep keep) {
        context.keep(keep.heads().stream().flatMap(head -> head.values().stream()).toList());
        neurons.keep(keep.neurons());
    }

    /** What is left, as the compressed checkpoint records it. */
    public LayerKeep kept() {
        float[] columns = context.kept().toFloatArray();
        int size = columns.length / heads;
        List<LayerKeep.Head> left = new ArrayList<>();
        for (int head = 0; head < heads; head++) {
            List<Integer> keys = new ArrayList<>();
            List<Integer> values = new ArrayList<>();
            for (int column = head * size; column < (head + 1) * size; column++) {
                keys.add(column);
                if (columns[column] > 0) {
                    values.add(column);
                }
            }
            if (!values.isEmpty()) {
                left.add(new LayerKeep.Head(keys, values));
            }
        }
        float[] wide = neurons.kept().toFloatArray();
        List<Integer> leftNeurons = new ArrayList<>();
        for (int neuron = 0; neuron < wide.length; neuron++) {
            if (wide[neuron] > 0) {
                leftNeurons.add(neuron);
            }
        }
        return new LayerKeep(left, leftNeurons);
    }
}
