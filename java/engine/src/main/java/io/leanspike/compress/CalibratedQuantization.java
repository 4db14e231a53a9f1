package io.leanspike.compress;

import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.backend.Readers;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Quantizes the matrices of a trained model one after the other, in the order data passes them, and corrects each on calibration text.
 * Every output keeps the mean current that it has in the given model, whatever the matrices before it have done to its input; with
 * {@link Correction#BIAS_AND_SCALE} its row's scale is the one that comes nearest to the given currents in the least squares over
 * tokens. Currents are means over the timesteps, which a membrane adds up.
 *
 * @param backend runs the calibration text
 * @param initialPotential u0 as a share of the threshold
 */
public record CalibratedQuantization(Backend backend, ModelConfig config, TimestepSchedule schedule, double initialPotential,
        EncoderBits bits, Correction correction) {

    /** What is corrected. */
    public enum Correction {
        BIAS,
        BIAS_AND_SCALE
    }

    private static final ValueLayout.OfFloat SCALE = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * The weights with quantized layers.
     *
     * @param batches calibration text
     * @param allocator gives the memory of the matrices
     */
    public EncoderWeights quantize(EncoderWeights given, List<TokenBatch> batches, SegmentAllocator allocator) {
        EncoderWeights made = given;
        for (int layer = 0; layer < config.hiddenLayers(); layer++) {
            for (Readers readers : Readers.values()) {
                List<double[]> wanted = rates(given, layer, readers, batches);
                List<double[]> found = layer == 0 && readers == Readers.OF_INPUT ? wanted : rates(made, layer, readers, batches);
                LayerWeights changed = made.layers().get(layer);
                for (Projection projection : readers.projections()) {
                    changed = projection.in(changed, corrected(projection.weights(given.layers().get(layer)), wanted, found, allocator));
                }
                List<LayerWeights> layers = new ArrayList<>(made.layers());
                layers.set(layer, changed);
                made = new EncoderWeights(given.embeddings(), layers, given.classifier());
            }
        }
        return made;
    }

    /** Rates [rows, width] of the population that these products read, one array a batch. */
    private List<double[]> rates(EncoderWeights weights, int layer, Readers readers, List<TokenBatch> batches) {
        Planner planner = new Planner(config, weights, schedule, Mode.SPIKING, initialPotential, CostFile.load(), SpikeDensities.TYPICAL,
                backend);
        boolean retimed = layer > 0 && schedule.of(layer) != schedule.of(layer - 1);
        Population source = retimed ? new Population(layer, Population.Kind.INPUT) : Population.inputOf(layer);
        try (LoadedModel model = backend.load(config, weights)) {
            return PopulationRates.of(model, planner, batches, readers.population(layer, source));
        }
    }

    private LinearWeights corrected(LinearWeights given, List<double[]> wanted, List<double[]> found, SegmentAllocator allocator) {
        WeightMatrix rounded = bits.quantize(given.weight(), allocator);
        CurrentFit fit = new CurrentFit(given.outputs());
        Columns target = Columns.of(given.weight());
        Columns model = Columns.of(rounded);
        for (int batch = 0; batch < wanted.size(); batch++) {
            int rows = wanted.get(batch).length / given.inputs();
            for (int row = 0; row < rows; row++) {
                fit.add(target.times(wanted.get(batch), row), model.times(found.get(batch), row));
            }
        }
        float[] bias = given.bias().clone();
        float[] factors = new float[bias.length];
        for (int n = 0; n < bias.length; n++) {
            factors[n] = correction == Correction.BIAS ? 1 : (float) fit.factor(n);
            bias[n] += (float) fit.offset(n, factors[n]);
        }
        return new LinearWeights(scaled(rounded, factors, allocator), bias);
    }

    /** The matrix with the scale of each row multiplied. */
    private static WeightMatrix scaled(WeightMatrix matrix, float[] factors, SegmentAllocator allocator) {
        return switch (matrix) {
            case TernaryMatrix ternary -> new TernaryMatrix(ternary.plus(), ternary.minus(), scaled(ternary.scales(), factors, allocator));
            case BinaryMatrix binary -> new BinaryMatrix(binary.plus(), scaled(binary.scales(), factors, allocator));
            case Int8Matrix bytes -> new Int8Matrix(bytes.elements(), scaled(bytes.scales(), factors, allocator), bytes.rows(),
                    bytes.columns());
            case DenseMatrix dense -> throw new IllegalStateException("a dense matrix has no scales");
        };
    }

    private static MemorySegment scaled(MemorySegment scales, float[] factors, SegmentAllocator allocator) {
        MemorySegment scaled = allocator.allocate(scales.byteSize(), Float.BYTES);
        for (int row = 0; row < factors.length; row++) {
            scaled.set(SCALE, (long) row * Float.BYTES, scales.get(SCALE, (long) row * Float.BYTES) * factors[row]);
        }
        return scaled;
    }

    /** A matrix by columns, for inputs of which many are 0. */
    private record Columns(float[][] weightsOfInput, int outputs) {
        static Columns of(WeightMatrix matrix) {
            float[][] columns = new float[matrix.columns()][matrix.rows()];
            for (int n = 0; n < matrix.rows(); n++) {
                for (int k = 0; k < columns.length; k++) {
                    columns[k][n] = (float) matrix.get(n, k);
                }
            }
            return new Columns(columns, matrix.rows());
        }

        double[] times(double[] rates, int row) {
            double[] sum = new double[outputs];
            for (int k = 0; k < weightsOfInput.length; k++) {
                double rate = rates[row * weightsOfInput.length + k];
                if (rate != 0) {
                    float[] weights = weightsOfInput[k];
                    for (int n = 0; n < outputs; n++) {
                        sum[n] += rate * weights[n];
                    }
                }
            }
            return sum;
        }
    }
}
