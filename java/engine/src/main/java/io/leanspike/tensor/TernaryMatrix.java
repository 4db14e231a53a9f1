package io.leanspike.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A 1.58-bit matrix: element (r, c) stands for {@code scales[r] * (plus[r, c] - minus[r, c])}; no element is in both planes.
 *
 * @param scales {@code rows} little-endian float32 values; need not be aligned
 */
public record TernaryMatrix(BitPlane plus, BitPlane minus, MemorySegment scales) implements LowBitMatrix {

    /** @throws IllegalArgumentException when the planes differ in shape or the scales in number */
    public TernaryMatrix {
        if (plus.rows() != minus.rows() || plus.columns() != minus.columns()) {
            throw new IllegalArgumentException("the planes of a ternary matrix differ in shape");
        }
        Shapes.requireBytes(scales, (long) plus.rows() * Float.BYTES, "scales of a ternary matrix", plus.rows(), plus.columns());
    }

    @Override
    public int sign(int row, int column) {
        return (plus.get(row, column) ? 1 : 0) - (minus.get(row, column) ? 1 : 0);
    }

    /** True when no element is in both planes. */
    public boolean isDisjoint() {
        for (int row = 0; row < rows(); row++) {
            for (int word = 0; word < SpikeTensor.wordsPerStep(columns()); word++) {
                if ((plus.word(row, word) & minus.word(row, word)) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public int rows() {
        return plus.rows();
    }

    @Override
    public int columns() {
        return plus.columns();
    }

    @Override
    public long bytes() {
        return plus.words().byteSize() + minus.words().byteSize() + scales.byteSize();
    }
}
