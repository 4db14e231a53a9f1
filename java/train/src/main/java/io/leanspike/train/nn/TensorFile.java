package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Safetensors;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.StoredTensor;
import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Float32 arrays, on whichever device, to and from safetensors files, bit for bit. */
public final class TensorFile {
    private TensorFile() {}

    /**
     * Writes the file atomically: it is as it was, or complete and on disk.
     *
     * @throws InvalidInputException when it cannot be written, as on a full disk
     */
    public static void write(Path file, Map<String, NDArray> arrays, Map<String, String> metadata) {
        List<StoredTensor> stored = new ArrayList<>();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            arrays.forEach((name, array) -> stored.add(new StoredTensor(name, ElementType.F32, shape(array),
                    MemorySegment.ofBuffer(array.toByteBuffer(true)))));
            SafetensorsWriter.write(file, stored, metadata);
        }
    }

    /** Copies the tensors of the same names into the arrays. @throws InvalidInputException when one is missing or does not fit */
    public static void read(Safetensors file, Map<String, NDArray> arrays) {
        arrays.forEach((name, array) -> {
            StoredTensor tensor = file.tensor(name);
            if (!isLike(tensor, array)) {
                throw new InvalidInputException("%s: tensor '%s' is %s of shape %s, but float32 of shape %s is needed"
                        .formatted(file.file(), name, tensor.type(), tensor.shape(), shape(array)));
            }
            ByteBuffer values = tensor.data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            // Not by NDArray.set: it makes the array a view of the buffer, which is of the file's memory.
            if (array.getDevice().isGpu()) {
                try (NDArray copy = array.getManager().create(values, array.getShape())) {
                    array.muli(0).addi(copy);
                }
            } else {
                array.toByteBuffer(true).put(values);
            }
        });
    }

    /** Whether the file has a tensor of this name that could be copied into the array. */
    public static boolean fits(Safetensors file, String name, NDArray array) {
        return file.find(name).map(tensor -> isLike(tensor, array)).orElse(false);
    }

    private static boolean isLike(StoredTensor tensor, NDArray array) {
        return tensor.type() == ElementType.F32 && tensor.shape().equals(shape(array));
    }

    private static List<Long> shape(NDArray array) {
        return Arrays.stream(array.getShape().getShape()).boxed().toList();
    }
}
