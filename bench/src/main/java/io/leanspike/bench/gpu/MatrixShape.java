package io.leanspike.bench.gpu;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The m, n and k in the name of a matrix instruction. */
record MatrixShape(int m, int n, int k) {
    private static final Pattern SHAPE = Pattern.compile("\\.m(\\d+)n(\\d+)k(\\d+)\\.");

    /** @throws IllegalArgumentException when the name has none */
    static MatrixShape of(String instruction) {
        Matcher shape = SHAPE.matcher(instruction);
        if (!shape.find()) {
            throw new IllegalArgumentException("no shape in " + instruction);
        }
        return new MatrixShape(Integer.parseInt(shape.group(1)), Integer.parseInt(shape.group(2)), Integer.parseInt(shape.group(3)));
    }

    /** Multiply-accumulates of one instruction. */
    double products() {
        return (double) m * n * k;
    }
}
