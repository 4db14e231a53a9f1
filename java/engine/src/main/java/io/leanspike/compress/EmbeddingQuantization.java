package io.leanspike.compress;

import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.MatrixTensors;
import io.leanspike.model.StoredTensor;
import io.leanspike.model.TensorNames;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stores the embedding tables of a checkpoint as 8-bit integers, symmetric, one scale a row:
 * {@code scale = max|row| / 127}, {@code element = round(value / scale)}, ties to even. Of a small spiking model the embeddings are
 * most of the bytes and none of the accumulates.
 */
public final class EmbeddingQuantization {
    private static final int LARGEST = 127;
    private static final ValueLayout.OfFloat SCALE = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private EmbeddingQuantization() {}

    /**
     * Writes {@code source} to the folder {@code target} with 8-bit word, position and token type embeddings; tables that are 8-bit
     * already and everything else stay byte for byte. The target must not exist, or be an empty folder.
     *
     * @throws InvalidInputException when the target exists and is not empty, or cannot be written
     */
    public static void quantizeEmbeddings(Checkpoint source, Path target) {
        TensorNames names = TensorNames.of(source.tensors());
        Map<String, WeightMatrix> tables = new LinkedHashMap<>();
        tables.put(names.wordEmbeddings(), source.weights().embeddings().word());
        tables.put(names.positionEmbeddings(), source.weights().embeddings().position());
        tables.put(names.tokenTypeEmbeddings(), source.weights().embeddings().tokenType());
        try (Arena arena = Arena.ofConfined()) {
            List<StoredTensor> tensors = new ArrayList<>();
            Set<String> written = new HashSet<>();
            tables.forEach((name, table) -> {
                if (table instanceof DenseMatrix dense) {
                    Int8Matrix quantized = quantize(dense, arena);
                    tensors.addAll(MatrixTensors.of(name, quantized));
                    written.add(name);
                    written.add(TensorNames.scales(name));
                }
            });
            for (String name : source.tensors().names()) {
                if (!written.contains(name)) {
                    tensors.add(source.tensors().tensor(name));
                }
            }
            CheckpointWriter.write(source, tensors, target, CheckpointWriter.Existing.REFUSE);
        }
    }

    /**
     * The 8-bit matrix nearest to {@code dense} in the scheme above. A row of zeros has scale 1.
     *
     * @param allocator gives the memory of the result
     */
    public static Int8Matrix quantize(DenseMatrix dense, SegmentAllocator allocator) {
        int columns = dense.columns();
        MemorySegment elements = allocator.allocate((long) dense.rows() * columns);
        MemorySegment scales = allocator.allocate((long) dense.rows() * Float.BYTES, Float.BYTES);
        for (int row = 0; row < dense.rows(); row++) {
            float scale = scale(dense, row);
            scales.set(SCALE, (long) row * Float.BYTES, scale);
            for (int column = 0; column < columns; column++) {
                double element = Math.rint(dense.get(row, column) / scale);
                // A subnormal scale is coarse enough for the quotient to pass 127.
                byte stored = (byte) Math.clamp(element, -LARGEST, LARGEST);
                elements.set(ValueLayout.JAVA_BYTE, (long) row * columns + column, stored);
            }
        }
        return new Int8Matrix(elements, scales, dense.rows(), columns);
    }

    private static float scale(DenseMatrix dense, int row) {
        double largest = 0;
        for (int column = 0; column < dense.columns(); column++) {
            largest = Math.max(largest, Math.abs(dense.get(row, column)));
        }
        float scale = (float) (largest / LARGEST);
        return scale == 0 ? 1 : scale;
    }
}
