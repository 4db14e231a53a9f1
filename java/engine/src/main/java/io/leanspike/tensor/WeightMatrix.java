package io.leanspike.tensor;

/**
 * A stored weight matrix [rows, columns], row-major and off-heap; a row holds the weights of one output (or the embedding of one
 * token). The family is closed: every backend says which of its members each kernel takes.
 */
public sealed interface WeightMatrix permits DenseMatrix, Int8Matrix, LowBitMatrix {

    /** Outputs of a linear layer, or entries of an embedding table. */
    int rows();

    /** Inputs of a linear layer, or the embedding's width. */
    int columns();

    /** The element at (row, column), as the real number it stands for. */
    double get(int row, int column);

    /** False once the memory behind it has been freed, as where its checkpoint is closed. Kernels, which see addresses, cannot tell. */
    boolean isOpen();

    /** Bytes that the matrix takes, scales included. */
    long bytes();
}
