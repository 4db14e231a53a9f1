package io.leanspike.compress;

import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.BitPlane;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Matrices of 1.58 and 1 bits, as in arXiv 2405.02543. Which weights are -1, 0 and 1 is decided by the whole matrix; the scale is the one
 * that leaves the smallest squared error in each row. A matrix each of whose rows has such values already, with whatever scale, stays as it
 * is: that is how a model comes out of training.
 */
public final class LowBitQuantization {
    private static final ValueLayout.OfFloat SCALE = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LowBitQuantization() {}

    /**
     * {@code alpha * RoundClip(W / gamma, -1, 1)} with gamma = mean |W| of the matrix; alpha of a row = mean |W| of its weights that are
     * not 0 afterwards.
     *
     * @param allocator gives the memory of the result
     */
    public static TernaryMatrix ternary(WeightMatrix source, SegmentAllocator allocator) {
        // Of weights that have their values already every one that is not 0 is kept.
        double half = isScaled(source, true) ? 0 : mean(source, true) / 2;
        BitPlane plus = BitPlane.allocate(allocator, source.rows(), source.columns());
        BitPlane minus = BitPlane.allocate(allocator, source.rows(), source.columns());
        MemorySegment scales = allocator.allocate((long) source.rows() * Float.BYTES, Float.BYTES);
        for (int row = 0; row < source.rows(); row++) {
            double sum = 0;
            int kept = 0;
            for (int column = 0; column < source.columns(); column++) {
                double weight = source.get(row, column);
                // round(|W| / gamma) is 1 from a half on; of a matrix of zeros nothing is kept.
                if (Math.abs(weight) >= half && weight != 0) {
                    (weight > 0 ? plus : minus).set(row, column);
                    sum += Math.abs(weight);
                    kept++;
                }
            }
            scales.set(SCALE, (long) row * Float.BYTES, kept == 0 ? 0 : (float) (sum / kept));
        }
        return new TernaryMatrix(plus, minus, scales);
    }

    /**
     * {@code beta * sign(W - mean W)} with the mean of the matrix; beta of a row = the mean of |W - mean W|.
     *
     * @param allocator gives the memory of the result
     */
    public static BinaryMatrix binary(WeightMatrix source, SegmentAllocator allocator) {
        double mean = isScaled(source, false) ? 0 : mean(source, false);
        BitPlane plus = BitPlane.allocate(allocator, source.rows(), source.columns());
        MemorySegment scales = allocator.allocate((long) source.rows() * Float.BYTES, Float.BYTES);
        for (int row = 0; row < source.rows(); row++) {
            double sum = 0;
            for (int column = 0; column < source.columns(); column++) {
                double weight = source.get(row, column);
                if (weight >= mean) {
                    plus.set(row, column);
                }
                sum += weight >= mean ? weight : -weight;
            }
            // A row whose signs all come from the mean may have its least error below zero: then it is best left out.
            scales.set(SCALE, (long) row * Float.BYTES, (float) Math.max(0, sum / source.columns()));
        }
        return new BinaryMatrix(plus, scales);
    }

    /** True when all weights of each row that are not 0 have one magnitude, and only {@code withZeros} some are 0. */
    private static boolean isScaled(WeightMatrix source, boolean withZeros) {
        for (int row = 0; row < source.rows(); row++) {
            double scale = 0;
            for (int column = 0; column < source.columns(); column++) {
                double magnitude = Math.abs(source.get(row, column));
                if (magnitude == 0 ? !withZeros : scale != 0 && magnitude != scale) {
                    return false;
                }
                scale = magnitude == 0 ? scale : magnitude;
            }
        }
        return true;
    }

    private static double mean(WeightMatrix source, boolean magnitude) {
        double sum = 0;
        for (int row = 0; row < source.rows(); row++) {
            for (int column = 0; column < source.columns(); column++) {
                sum += magnitude ? Math.abs(source.get(row, column)) : source.get(row, column);
            }
        }
        return sum / ((double) source.rows() * source.columns());
    }
}
