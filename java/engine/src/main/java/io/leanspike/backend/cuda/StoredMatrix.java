package io.leanspike.backend.cuda;

import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.LowBitMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;

/** A stored matrix on a device, as kernels gather from it or pack it: struct StoredMatrix of stored_matrix.cuh. */
record StoredMatrix(DeviceMemory elements, DeviceMemory scale, int columns, int type) implements Owned.Resource {
    private static final int I8 = 3;

    /** @throws IllegalStateException when the matrix's memory has been freed */
    static StoredMatrix of(WeightMatrix matrix) {
        if (!matrix.isOpen()) {
            throw new IllegalStateException("the checkpoint of this model is closed");
        }
        return switch (matrix) {
            case DenseMatrix dense -> {
                int type = switch (dense.type()) {
                    case F32 -> 0;
                    case F16 -> 1;
                    case BF16 -> 2;
                    default -> throw new IllegalStateException("unreachable: " + dense.type());
                };
                // Every stored matrix has a scale array, so that there is one shape of matrix; only bytes read it.
                yield Owned.whole(parts -> new StoredMatrix(parts.add(DeviceMemory.of(dense.elements())),
                        parts.add(new DeviceMemory(Float.BYTES)), dense.columns(), type));
            }
            case Int8Matrix bytes -> Owned.whole(parts -> new StoredMatrix(parts.add(DeviceMemory.of(bytes.elements())),
                    parts.add(DeviceMemory.of(bytes.scales())), bytes.columns(), I8));
            case LowBitMatrix bits -> {
                try (Arena arena = Arena.ofConfined()) {
                    yield of(bits.toInt8(arena));
                }
            }
        };
    }

    void put(KernelArguments arguments) {
        arguments.pointer(elements).pointer(scale).integer(columns).integer(type);
    }

    @Override
    public void close() {
        elements.close();
        scale.close();
    }
}
