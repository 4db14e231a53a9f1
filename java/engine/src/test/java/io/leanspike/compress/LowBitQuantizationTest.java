package io.leanspike.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter.Existing;
import io.leanspike.model.TinyCheckpoint;
import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LowBitQuantizationTest {
    private final Arena arena = Arena.ofAuto();

    @TempDir
    private Path folder;

    private static DenseMatrix dense(int rows, float... elements) {
        return new DenseMatrix(MemorySegment.ofArray(elements), ElementType.F32, rows, elements.length / rows);
    }

    private static double[] row(WeightMatrix matrix, int row) {
        double[] values = new double[matrix.columns()];
        for (int column = 0; column < values.length; column++) {
            values[column] = matrix.get(row, column);
        }
        return values;
    }

    @Test
    void ternaryKeepsWhatIsAtLeastHalfTheMeanMagnitude() {
        // Mean magnitude 1: the limit is 0.5, itself kept.
        TernaryMatrix quantized = LowBitQuantization.ternary(dense(2, 1.75f, -0.25f, -1.25f, 0, 0.5f, -0.5f, 2.75f, -1), arena);
        assertArrayEquals(new double[] {1.5, 0, -1.5, 0}, row(quantized, 0));
        assertArrayEquals(new double[] {1.1875, -1.1875, 1.1875, -1.1875}, row(quantized, 1));
    }

    @Test
    void binaryTakesTheSignAroundTheMatrixMean() {
        // Mean 1: the signs of the rows are those of weight - 1, the scales the means of weight * sign.
        BinaryMatrix quantized = LowBitQuantization.binary(dense(2, 3, -1, 2, 0, 4, 0.5f, -2.5f, 2), arena);
        assertArrayEquals(new double[] {1.5, -1.5, 1.5, -1.5}, row(quantized, 0));
        assertArrayEquals(new double[] {2, -2, -2, 2}, row(quantized, 1));
    }

    @Test
    void rowsThatAreTernaryAlreadyStayAsTheyAre() {
        // The scale of the second row is far below half the mean magnitude.
        DenseMatrix trained = dense(2, 0.3f, 0, -0.3f, 0.3f, 0, 0, -0.001f, 0);
        TernaryMatrix quantized = LowBitQuantization.ternary(trained, arena);
        for (int row = 0; row < 2; row++) {
            assertArrayEquals(row(trained, row), row(quantized, row));
        }
    }

    @Test
    void rowsThatAreBinaryAlreadyStayAsTheyAre() {
        // Around the mean of the matrix both signs of the second row would be one.
        DenseMatrix trained = dense(2, 3, 3, 3, 3, 0.1f, -0.1f, -0.1f, 0.1f);
        BinaryMatrix quantized = LowBitQuantization.binary(trained, arena);
        for (int row = 0; row < 2; row++) {
            assertArrayEquals(row(trained, row), row(quantized, row));
        }
    }

    @Test
    void aMatrixOfZerosStaysZero() {
        assertArrayEquals(new double[] {0, 0}, row(LowBitQuantization.ternary(dense(1, 0, 0), arena), 0));
        assertArrayEquals(new double[] {0, 0}, row(LowBitQuantization.binary(dense(1, 0, 0), arena), 0));
    }

    @Test
    void aModelIsWrittenInTheBitsAskedFor() throws Exception {
        Path model = TinyCheckpoint.write(folder.resolve("model"), 1);
        Path out = folder.resolve("ternary");
        try (Checkpoint source = Checkpoint.open(model)) {
            new ModelQuantization(false, Optional.of(EncoderBits.TERNARY)).write(source, out, Existing.REFUSE);
            try (Checkpoint made = Checkpoint.open(out)) {
                assertInstanceOf(TernaryMatrix.class, made.weights().layers().getLast().output().weight());
                assertInstanceOf(DenseMatrix.class, made.weights().embeddings().word());
                assertInstanceOf(DenseMatrix.class, made.weights().classifier().weight());
                assertArrayEquals(source.weights().layers().getFirst().key().bias(), made.weights().layers().getFirst().key().bias());
                assertTrue(made.bytes() < source.bytes());
                Path again = folder.resolve("again");
                new ModelQuantization(false, Optional.of(EncoderBits.TERNARY)).write(made, again, Existing.REFUSE);
                assertEquals(-1, Files.mismatch(out.resolve("model.safetensors"), again.resolve("model.safetensors")));
            }
        }
    }
}
