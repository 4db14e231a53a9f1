package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Counts the elements of a matrix that are not 0: the synapses that exist. */
public final class LiveWeights {
    private LiveWeights() {}

    /** Of each column: how many outputs an input reaches. An element whose row has scale 0 is 0. */
    public static int[] ofColumns(WeightMatrix matrix) {
        int[] live = new int[matrix.columns()];
        Arrays.fill(live, matrix.rows());
        for (int row = 0; row < matrix.rows(); row++) {
            switch (matrix) {
                case DenseMatrix dense -> subtractZeros(dense, row, live);
                case Int8Matrix bytes -> subtractZeros(bytes, row, live);
                case LowBitMatrix bits -> subtractZeros(bits, row, live);
            }
        }
        return live;
    }

    private static void subtractZeros(DenseMatrix dense, int row, int[] live) {
        long first = (long) row * live.length;
        MemorySegment elements = dense.elements();
        for (int column = 0; column < live.length; column++) {
            // The sign is shifted out: -0 is 0.
            int bits = dense.type() == ElementType.F32
                    ? elements.get(ValueLayout.JAVA_INT_UNALIGNED, (first + column) * Float.BYTES) << 1
                    : elements.get(ValueLayout.JAVA_SHORT_UNALIGNED, (first + column) * Short.BYTES) << 17;
            live[column] -= bits == 0 ? 1 : 0;
        }
    }

    private static void subtractZeros(Int8Matrix bytes, int row, int[] live) {
        boolean dead = isZero(bytes.scales(), row);
        for (int column = 0; column < live.length; column++) {
            live[column] -= dead || bytes.elements().get(ValueLayout.JAVA_BYTE, (long) row * live.length + column) == 0 ? 1 : 0;
        }
    }

    private static void subtractZeros(LowBitMatrix matrix, int row, int[] live) {
        boolean dead = isZero(matrix.scales(), row);
        for (int word = 0; word < SpikeTensor.wordsPerStep(live.length); word++) {
            long zeros = dead ? -1L : switch (matrix) {
                case TernaryMatrix ternary -> ~(ternary.plus().word(row, word) | ternary.minus().word(row, word));
                case BinaryMatrix binary -> 0L;
            };
            for (; zeros != 0; zeros &= zeros - 1) {
                int column = 64 * word + Long.numberOfTrailingZeros(zeros);
                if (column < live.length) {
                    live[column]--;
                }
            }
        }
    }

    private static boolean isZero(MemorySegment scales, int row) {
        return scales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * Float.BYTES) == 0;
    }
}
