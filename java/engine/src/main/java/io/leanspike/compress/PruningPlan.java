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
 * @param heads share of heads, from 0 to below 1
 * @param keys share of the query and key columns of each head that stays
 * @param values share of the value columns of each head that stays
 * @param neurons share of intermediate neurons
 * @param allocation whether each layer loses the same share
 */
public record PruningPlan(double heads, double keys, double values, double neurons, Allocation allocation) {

    /** Which units compete with each other. */
    public enum Allocation {
        /** Those of one layer: each loses the same share. */
        UNIFORM,
        /** Those of all layers, importance taken as a share of the layer's mean. At least one of each layer stays. */
        GLOBAL
    }

    /** @throws IllegalArgumentException when a share is not from 0 to below 1 */
    public PruningPlan {
        for (double share : new double[] {heads, keys, values, neurons}) {
            if (!(share >= 0 && share < 1)) {
                throw new IllegalArgumentException("a share to prune is from 0 to below 1, not " + share);
            }
        }
    }

    /** What stays of each layer. @param importance one a layer */
    public List<LayerKeep> choose(ModelConfig config, List<UnitImportance> importance) {
        List<LayerShape> shapes = config.layers();
        List<double[]> headScores = IntStream.range(0, shapes.size()).mapToObj(i -> importance.get(i).heads(shapes.get(i))).toList();
        List<List<Integer>> keptHeads = keep(headScores, heads);
        List<List<Integer>> keptNeurons = keep(importance.stream().map(UnitImportance::neurons).toList(), neurons);
        List<LayerKeep> keeps = new ArrayList<>();
        for (int i = 0; i < shapes.size(); i++) {
            int[] keyOffsets = shapes.get(i).heads().keyOffsets();
            int[] valueOffsets = shapes.get(i).heads().valueOffsets();
            List<LayerKeep.Head> kept = new ArrayList<>();
            for (int h : keptHeads.get(i)) {
                kept.add(new LayerKeep.Head(columns(importance.get(i).keys(), keyOffsets[h], keyOffsets[h + 1], keys),
                        columns(importance.get(i).values(), valueOffsets[h], valueOffsets[h + 1], values)));
            }
            keeps.add(new LayerKeep(kept, keptNeurons.get(i)));
        }
        return keeps;
    }

    /** The columns of a head that stay. */
    private static List<Integer> columns(double[] scores, int from, int to, double share) {
        return best(Arrays.copyOfRange(scores, from, to), share).stream().map(column -> from + column).toList();
    }

    private List<List<Integer>> keep(List<double[]> scores, double share) {
        if (allocation == Allocation.UNIFORM) {
            return scores.stream().map(layer -> best(layer, share)).toList();
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
        long goes = Math.round(share * units.size());
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
