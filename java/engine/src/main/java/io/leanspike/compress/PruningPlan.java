package io.leanspike.compress;

import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much of each structure goes; what goes is what matters least.
 *
 * @param heads share of heads, from 0 to below 1: one for all layers, or one a layer
 * @param keys share of the query and key columns that go, of each head that is left, likewise
 * @param values share of the value columns that go, likewise
 * @param neurons share of intermediate neurons, likewise
 * @param allocation whether heads and neurons of different layers compete
 */
public record PruningPlan(List<Double> heads, List<Double> keys, List<Double> values, List<Double> neurons, Allocation allocation) {

    /** Which units compete with each other. */
    public enum Allocation {
        /** Those of one layer: each loses the share it is given. */
        UNIFORM,
        /** Those of all layers, importance taken as a share of the layer's mean. At least one of each layer stays. */
        GLOBAL
    }

    /** @throws IllegalArgumentException when a share is not from 0 to below 1, or layers that compete are given shares of their own */
    public PruningPlan {
        heads = List.copyOf(heads);
        keys = List.copyOf(keys);
        values = List.copyOf(values);
        neurons = List.copyOf(neurons);
        for (List<Double> shares : List.of(heads, keys, values, neurons)) {
            for (double share : shares) {
                if (!(share >= 0 && share < 1)) {
                    throw new IllegalArgumentException("a share to prune is from 0 to below 1, not " + share);
                }
            }
        }
        if (allocation == Allocation.GLOBAL && (heads.size() > 1 || neurons.size() > 1)) {
            throw new IllegalArgumentException(
                    "heads and neurons of all layers compete: give one share for all of them, or allocate uniformly");
        }
    }

    /** The same shares in every layer. */
    public PruningPlan(double heads, double keys, double values, double neurons, Allocation allocation) {
        this(List.of(heads), List.of(keys), List.of(values), List.of(neurons), allocation);
    }

    /**
     * What stays of each layer.
     *
     * @param importance one a layer
     * @throws IllegalArgumentException when there are shares for another number of layers
     */
    public List<LayerKeep> choose(ModelConfig config, List<UnitImportance> importance) {
        List<LayerShape> shapes = config.layers();
        for (List<Double> shares : List.of(heads, keys, values, neurons)) {
            if (shares.size() != 1 && shares.size() != shapes.size()) {
                throw new IllegalArgumentException("%d shares, but the model has %d layers".formatted(shares.size(), shapes.size()));
            }
        }
        List<double[]> headScores = IntStream.range(0, shapes.size()).mapToObj(i -> importance.get(i).heads(shapes.get(i))).toList();
        List<List<Integer>> keptHeads = keep(headScores, heads);
        List<List<Integer>> keptNeurons = keep(importance.stream().map(UnitImportance::neurons).toList(), neurons);
        List<LayerKeep> keeps = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            int[] keyOffsets = shapes.get(i).heads().keyOffsets();
            int[] valueOffsets = shapes.get(i).heads().valueOffsets();
            List<LayerKeep.Head> kept = new ArrayList<>();
            for (int h : keptHeads.get(i)) {
                kept.add(new LayerKeep.Head(columns(importance.get(i).keys(), keyOffsets[h], keyOffsets[h + 1], of(keys, i)),
                        columns(importance.get(i).values(), valueOffsets[h], valueOffsets[h + 1], of(values, i))));
            }
            keeps.add(new LayerKeep(kept, keptNeurons.get(i)));
        }
        return keeps;
    }

    /** The columns of a head that stay. */
    private static List<Integer> columns(double[] scores, int from, int to, double share) {
        return best(Arrays.copyOfRange(scores, from, to), share).stream().map(column -> from + column).toList();
    }

    private static double of(List<Double> shares, int layer) {
        return shares.get(shares.size() == 1 ? 0 : layer);
    }

    private List<List<Integer>> keep(List<double[]> scores, List<Double> shares) {
        if (allocation == Allocation.UNIFORM) {
            return IntStream.range(0, scores.size()).mapToObj(layer -> best(scores.get(layer), of(shares, layer))).toList();
        }
        record Unit(int layer, int index, double score) {}
        List<Unit> units = new ArrayList<>();
        for (int layer = 0; layer < scores.size(); layer++) {
            double mean = Arrays.stream(scores.get(layer)).average().orElseThrow();
            for (int i = 0; i < scores.get(layer).length; i++) {
                units.add(new Unit(layer, i, mean == 0 ? 0 : scores.get(layer)[i] / mean));
            }
        }
        units.sort(Comparator.comparingDouble(Unit::score));
        List<List<Integer>> kept = new ArrayList<>();
        scores.forEach(layer -> kept.add(new ArrayList<>(IntStream.range(0, layer.length).boxed().toList())));
        long goes = Math.round(shares.getFirst() * units.size());
        for (Unit unit : units) {
            if (goes > 0 && kept.get(unit.layer()).size() > 1) {
                kept.get(unit.layer()).remove((Integer) unit.index());
                goes--;
            }
        }
        return kept;
    }

    /** Indices of the most important, rising; at least one. */
    private static List<Integer> best(double[] scores, double share) {
        int stays = Math.max(1, scores.length - (int) Math.round(share * scores.length));
        return IntStream.range(0, scores.length).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -scores[i])).limit(stays).sorted().toList();
    }
}
