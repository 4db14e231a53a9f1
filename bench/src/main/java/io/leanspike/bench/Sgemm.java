package io.leanspike.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** A dense float32 product of the shape of a linear layer, [rows, inputs] x [outputs, inputs] transposed, through OpenBLAS. */
public final class Sgemm implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final int rows;
    private final int inputs;
    private final int outputs;
    private final int threads;
    private final MemorySegment left;
    private final MemorySegment right;
    private final MemorySegment result;

    public Sgemm(int rows, int inputs, int outputs, int threads) {
        this.rows = rows;
        this.inputs = inputs;
        this.outputs = outputs;
        this.threads = threads;
        left = reals((long) rows * inputs);
        right = reals((long) outputs * inputs);
        result = reals((long) rows * outputs);
    }

    private MemorySegment reals(long count) {
        SplittableRandom random = new SplittableRandom(count);
        MemorySegment reals = arena.allocate(count * Float.BYTES, 64);
        for (long i = 0; i < count; i++) {
            reals.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return reals;
    }

    public void multiply() {
        OpenBlas.setThreads(threads);
        OpenBlas.sgemm(rows, outputs, inputs, left, right, result);
    }

    public double gmac() {
        return Work.gmac(rows, inputs, outputs);
    }

    /** Largest difference between the last product and its definition, over a few elements of the result. */
    double error() {
        SplittableRandom random = new SplittableRandom(rows);
        double worst = 0;
        for (int probe = 0; probe < 16; probe++) {
            long row = random.nextInt(rows);
            long output = random.nextInt(outputs);
            double sum = 0;
            for (int i = 0; i < inputs; i++) {
                sum += (double) left.getAtIndex(ValueLayout.JAVA_FLOAT, row * inputs + i)
                        * right.getAtIndex(ValueLayout.JAVA_FLOAT, output * inputs + i);
            }
            worst = Math.max(worst, Math.abs(sum - result.getAtIndex(ValueLayout.JAVA_FLOAT, row * outputs + output)));
        }
        return worst;
    }

    @Override
    public void close() {
        arena.close();
    }
}
