package io.leanspike.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.RandomModel;
import io.leanspike.error.InvalidInputException;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.LowBitMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Linear layers of 1 and 1.58 bits in a checkpoint: what was written is read, and planes that make no sense are refused. */
class LowBitCheckpointTest {
    private static final String INTERMEDIATE = "bert.encoder.layer.0.intermediate.dense.weight";
    private static final int ROWS = 48;
    private static final int COLUMNS = 32;

    @TempDir
    private Path folder;

    @Test
    void ternaryWeightsAreReadAsWritten() {
        try (Arena arena = Arena.ofConfined()) {
            assertRoundTrip(RandomModel.ternary(ROWS, COLUMNS, 0.1, new SplittableRandom(3), arena));
        }
    }

    @Test
    void binaryWeightsAreReadAsWritten() {
        try (Arena arena = Arena.ofConfined()) {
            assertRoundTrip(RandomModel.binary(ROWS, COLUMNS, 0.1, new SplittableRandom(3), arena));
        }
    }

    private void assertRoundTrip(LowBitMatrix written) {
        try (Checkpoint checkpoint = open(MatrixTensors.of(INTERMEDIATE, written))) {
            WeightMatrix read = checkpoint.weights().layers().getFirst().intermediate().weight();
            assertEquals(written.getClass(), read.getClass());
            assertEquals(written.bytes(), read.bytes());
            for (int row = 0; row < ROWS; row++) {
                for (int column = 0; column < COLUMNS; column++) {
                    assertEquals(written.get(row, column), read.get(row, column));
                }
            }
        }
    }

    @Test
    void planesOfAnotherShapeAreRefusedWithBothShapes() {
        assertRefused(planes(3, 8), "has shape [3, 48, 8]", "[1, 48, 8] (1-bit)", "[2, 48, 8] (1.58-bit)");
        assertRefused(planes(2, 4), "has shape [2, 48, 4]");
    }

    @Test
    void aWeightThatIsPositiveAndNegativeIsRefused() {
        StoredTensor planes = planes(2, 8);
        planes.data().set(ValueLayout.JAVA_BYTE, 8 * 5, (byte) 4);
        planes.data().set(ValueLayout.JAVA_BYTE, 8 * (ROWS + 5), (byte) 4);
        assertRefused(planes, "both positive and negative");
    }

    @Test
    void bitsBeyondTheColumnsAreRefused() {
        StoredTensor planes = planes(1, 8);
        planes.data().set(ValueLayout.JAVA_BYTE, 8 * 7 + 4, (byte) 1);
        assertRefused(planes, "bits set beyond its 32 columns");
    }

    private static StoredTensor planes(long count, long bytes) {
        return new StoredTensor(INTERMEDIATE, ElementType.U8, List.of(count, (long) ROWS, bytes),
                MemorySegment.ofArray(new byte[(int) (count * ROWS * bytes)]));
    }

    private void assertRefused(StoredTensor planes, String... causes) {
        StoredTensor scales = new StoredTensor(TensorNames.scales(INTERMEDIATE), ElementType.F32, List.of((long) ROWS),
                MemorySegment.ofArray(new byte[ROWS * Float.BYTES]));
        String message = assertThrows(InvalidInputException.class, () -> open(List.of(planes, scales))).getMessage();
        assertTrue(message.contains(INTERMEDIATE), message);
        for (String cause : causes) {
            assertTrue(message.contains(cause), message);
        }
    }

    private Checkpoint open(List<StoredTensor> matrix) {
        List<StoredTensor> tensors = new ArrayList<>(matrix);
        TinyCheckpoint.DEFAULT.tensors(1).stream().filter(tensor -> !tensor.name().equals(INTERMEDIATE)).forEach(tensors::add);
        return Checkpoint.open(TinyCheckpoint.writeTo(folder, TinyCheckpoint.DEFAULT.config(), tensors));
    }
}
