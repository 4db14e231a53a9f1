package io.leanspike.compress;

import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.tensor.WeightMatrix;
import java.util.Arrays;
import java.util.Optional;

/**
 * How much each unit of a layer matters, the more the higher. Only comparisons within one array mean something.
 *
 * @param keys of each query and key column
 * @param values of each value column
 * @param neurons of each intermediate neuron
 * @param ownHeads of each head as a whole, where it is not the sum over its columns
 */
public record UnitImportance(double[] keys, double[] values, double[] neurons, Optional<double[]> ownHeads) {

    /** Of units whose importance adds up to their head's. */
    public UnitImportance(double[] keys, double[] values, double[] neurons) {
        this(keys, values, neurons, Optional.empty());
    }

    /**
     * By weights alone: the L2 norm of what makes a unit times the norm of what reads it. For a key column: its query row and its key row,
     * whose product is all that scores see of it.
     */
    public static UnitImportance magnitude(LayerWeights layer) {
        return new UnitImportance(
                product(rowNorms(layer.query().weight()), rowNorms(layer.key().weight())),
                product(rowNorms(layer.value().weight()), columnNorms(layer.attentionOutput().weight())),
                product(rowNorms(layer.intermediate().weight()), columnNorms(layer.output().weight())));
    }

    /**
     * By what units do on calibration text: the root of mean^2 + variance of a unit's rate (ASR) over tokens, times the norm of what reads
     * it. A unit that never spikes matters nothing.
     */
    public static UnitImportance activity(LayerWeights layer, LayerActivity activity) {
        return read(layer, activity.keys().rootMeanSquare(), activity.values().rootMeanSquare(), activity.neurons().rootMeanSquare());
    }

    /**
     * By how much a unit's rate varies over tokens, times the norm of what reads it: a rate that is the same for every token tells nothing,
     * however high it is.
     */
    public static UnitImportance variance(LayerWeights layer, LayerActivity activity) {
        return read(layer, activity.keys().deviation(), activity.values().deviation(), activity.neurons().deviation());
    }

    /**
     * By the share that a unit has in the principal components of the accumulated membrane potential: the root of its energy times the
     * norm of what reads it.
     */
    public static UnitImportance energy(LayerWeights layer, LayerSpectrum spectrum) {
        return read(layer, roots(spectrum.keys().energy()), roots(spectrum.values().energy()), roots(spectrum.neurons().energy()));
    }

    /** Scores of the units times the norm of the weights that read them. */
    private static UnitImportance read(LayerWeights layer, double[] keys, double[] values, double[] neurons) {
        return new UnitImportance(
                product(keys, rowNorms(layer.query().weight())),
                product(values, columnNorms(layer.attentionOutput().weight())),
                product(neurons, columnNorms(layer.output().weight())));
    }

    private static double[] roots(double[] squares) {
        return Arrays.stream(squares).map(Math::sqrt).toArray();
    }

    /** Heads' own importance, or the sum over a head's columns of keys and values, each kind as a share of the layer's. */
    double[] heads(LayerShape shape) {
        if (ownHeads.isPresent()) {
            return ownHeads.get();
        }
        double[] heads = new double[shape.heads().count()];
        addShares(heads, keys, shape.heads().keyOffsets());
        addShares(heads, values, shape.heads().valueOffsets());
        return heads;
    }

    private static void addShares(double[] heads, double[] columns, int[] offsets) {
        double all = 0;
        for (double column : columns) {
            all += column;
        }
        for (int h = 0; h < heads.length; h++) {
            for (int c = offsets[h]; c < offsets[h + 1]; c++) {
                heads[h] += all == 0 ? 0 : columns[c] / all;
            }
        }
    }

    private static double[] product(double[] a, double[] b) {
        double[] product = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            product[i] = a[i] * b[i];
        }
        return product;
    }

    private static double[] rowNorms(WeightMatrix matrix) {
        double[] norms = new double[matrix.rows()];
        for (int row = 0; row < norms.length; row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                norms[row] += matrix.get(row, column) * matrix.get(row, column);
            }
            norms[row] = Math.sqrt(norms[row]);
        }
        return norms;
    }

    private static double[] columnNorms(WeightMatrix matrix) {
        double[] norms = new double[matrix.columns()];
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < norms.length; column++) {
                norms[column] += matrix.get(row, column) * matrix.get(row, column);
            }
        }
        for (int column = 0; column < norms.length; column++) {
            norms[column] = Math.sqrt(norms[column]);
        }
        return norms;
    }
}
