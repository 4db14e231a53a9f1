package io.leanspike.train.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.leanspike.compress.LayerKeep;
import io.leanspike.train.pretrained.EncoderShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is left of one layer while it is masked: context columns, of which a head is gone when all of its are, intermediate neurons, and
 * key columns, which training takes no more of.
 *
 * @param context [hidden], head by head
 * @param neurons [intermediate]
 * @param keys [hidden], head by head; those of a head that is gone are gone with it whatever stands here
 */
public record LayerMasks(int heads, UnitMask context, UnitMask neurons, UnitMask keys) {

    /** Everything is left. */
    public static List<LayerMasks> all(NDManager manager, EncoderShape shape) {
        List<LayerMasks> masks = new ArrayList<>();
        for (int layer = 0; layer < shape.layers(); layer++) {
            String name = prefix(layer);
            masks.add(new LayerMasks(shape.heads(), UnitMask.of(manager, name + "context", shape.hidden()),
                    UnitMask.of(manager, name + "neurons", shape.intermediate()), UnitMask.of(manager, name + "keys", shape.hidden())));
        }
        return masks;
    }

    /** What names of masks start with; the first layer's, 0, are in every file that has masks. */
    public static String prefix(int layer) {
        return "mask.layer." + layer + ".";
    }

    private List<UnitMask> all() {
        return List.of(context, neurons, keys);
    }

    /** Those whose gradients tell how much a unit matters. */
    public List<UnitMask> chosen() {
        return List.of(context, neurons);
    }

    public void addTo(Map<String, NDArray> state) {
        all().forEach(mask -> mask.addTo(state));
    }

    /** The masks alone, by name, as a later training starts with them. */
    public void addKeptTo(Map<String, NDArray> values) {
        all().forEach(mask -> values.put(mask.name(), mask.kept()));
    }

    /** [heads, 1] 1 for a head that is left. */
    public NDArray headsKept() {
        return context.kept().stopGradient().reshape(heads, -1).max(new int[] {1}, true);
    }

    /** [2 hidden] of keys, then values: 1 for a key that is left, and where a value's head is. */
    public NDArray keysAndValuesKept() {
        NDArray columns = headsKept().mul(context.kept().stopGradient().onesLike().reshape(heads, -1)).flatten();
        return NDArrays.concat(new NDList(columns.mul(keys.kept().stopGradient()), columns));
    }

    /** Silences every context column and neuron but these. */
    public void keep(LayerKeep keep) {
        context.keep(keep.heads().stream().flatMap(head -> head.values().stream()).toList());
        neurons.keep(keep.neurons());
    }

    /** Silences everything but this, key columns too. */
    public void keepWithKeys(LayerKeep keep) {
        keep(keep);
        int size = (int) keys.kept().size() / heads;
        Set<Integer> left = new HashSet<>(columns(keep, LayerKeep.Head::keys));
        Set<Integer> headsLeft = left.stream().map(column -> column / size).collect(Collectors.toSet());
        // A head that is gone keeps its keys, for gradual pruning may find that it should come back.
        IntStream.range(0, heads * size).filter(column -> !headsLeft.contains(column / size)).forEach(left::add);
        keys.keep(List.copyOf(left));
    }

    /** Whether nothing of {@code other} is gone here. */
    public boolean has(LayerKeep other) {
        LayerKeep here = kept();
        return columns(here, LayerKeep.Head::values).containsAll(columns(other, LayerKeep.Head::values))
                && columns(here, LayerKeep.Head::keys).containsAll(columns(other, LayerKeep.Head::keys))
                && Set.copyOf(here.neurons()).containsAll(other.neurons());
    }

    private static Set<Integer> columns(LayerKeep keep, Function<LayerKeep.Head, List<Integer>> of) {
        return keep.heads().stream().flatMap(head -> of.apply(head).stream()).collect(Collectors.toSet());
    }

    /** What is left, as the compressed checkpoint records it. */
    public LayerKeep kept() {
        float[] columns = context.kept().toFloatArray();
        float[] keyColumns = keys.kept().toFloatArray();
        int size = columns.length / heads;
        List<LayerKeep.Head> left = new ArrayList<>();
        for (int head = 0; head < heads; head++) {
            List<Integer> leftKeys = new ArrayList<>();
            List<Integer> leftValues = new ArrayList<>();
            for (int column = head * size; column < (head + 1) * size; column++) {
                if (keyColumns[column] > 0) {
                    leftKeys.add(column);
                }
                if (columns[column] > 0) {
                    leftValues.add(column);
                }
            }
            if (!leftValues.isEmpty()) {
                left.add(new LayerKeep.Head(leftKeys, leftValues));
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
