package io.leanspike.compress;

import static io.leanspike.model.Refusal.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.SharedData;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter.Existing;
import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.TinyCheckpoint;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.WeightMatrix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Int8QuantizationTest {
    private static final Set<String> TABLES = Set.of("bert.embeddings.word_embeddings.weight",
            "bert.embeddings.position_embeddings.weight", "bert.embeddings.token_type_embeddings.weight");

    private static final ModelQuantization EIGHT_BIT_EMBEDDINGS = new ModelQuantization(true, Optional.empty());

    @TempDir
    private Path folder;

    @Test
    void scaleIsTheLargestOf127AndTiesRoundToEven() {
        Int8Matrix quantized = quantize(1, 127, -127, 0.5f, 1.5f, -2.5f, 0.49f, -0.51f);
        assertEquals(1, quantized.scales().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
        assertElements(quantized, 127, -127, 0, 2, -2, 0, -1);
    }

    @Test
    void everyRowHasItsOwnScale() {
        Int8Matrix quantized = quantize(2, 254, 127, 0.127f, -0.0635f);
        assertEquals(2f, quantized.scales().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
        assertEquals(0.001f, quantized.scales().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4), 1e-9);
    }

    @Test
    void rowOfZerosHasScaleOne() {
        Int8Matrix quantized = quantize(1, 0, -0f, 0);
        assertEquals(1, quantized.scales().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
        assertElements(quantized, 0, 0, 0);
    }

    @Test
    void subnormalRowStaysWithinEightBits() {
        Int8Matrix quantized = quantize(1, 187 * Float.MIN_VALUE, -187 * Float.MIN_VALUE);
        assertElements(quantized, 127, -127);
        assertElements(quantize(1, Float.MIN_VALUE, -Float.MIN_VALUE), 0, 0);
    }

    @Test
    void everyEmbeddingStaysWithinHalfAScaleAndTheRestIsUnchanged() {
        Path target = folder.resolve("quantized");
        try (Checkpoint source = Checkpoint.open(TinyCheckpoint.write(folder.resolve("source"), 3))) {
            EIGHT_BIT_EMBEDDINGS.write(source, target, Existing.REFUSE);
            assertQuantized(source, target);
        }
    }

    @Test
    void sharedModelFitsInSevenMegabytesWithItsVocabulary() throws IOException {
        Path target = folder.resolve("quantized");
        try (Checkpoint source = Checkpoint.open(SharedData.directory("models/sst2-tiny"))) {
            EIGHT_BIT_EMBEDDINGS.write(source, target, Existing.REFUSE);
            assertQuantized(source, target);
        }
        long bytes = 0;
        try (Stream<Path> files = Files.list(target)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        assertTrue(Files.exists(target.resolve("vocab.txt")));
        assertTrue(bytes <= 7_000_000, bytes + " bytes");
    }

    @Test
    void quantizedCheckpointQuantizesToItself() throws IOException {
        Path once = folder.resolve("once");
        Path twice = folder.resolve("twice");
        try (Checkpoint source = Checkpoint.open(TinyCheckpoint.write(folder.resolve("source"), 3))) {
            EIGHT_BIT_EMBEDDINGS.write(source, once, Existing.REFUSE);
        }
        try (Checkpoint source = Checkpoint.open(once)) {
            EIGHT_BIT_EMBEDDINGS.write(source, twice, Existing.REFUSE);
        }
        assertEquals(-1, Files.mismatch(once.resolve("model.safetensors"), twice.resolve("model.safetensors")));
    }

    @Test
    void targetWithContentIsRefused() {
        Path target = TinyCheckpoint.write(folder.resolve("target"), 4);
        try (Checkpoint source = Checkpoint.open(TinyCheckpoint.write(folder.resolve("source"), 3))) {
            assertRefused(() -> EIGHT_BIT_EMBEDDINGS.write(source, target, Existing.REFUSE), target, "is not empty");
        }
    }

    private static void assertQuantized(Checkpoint source, Path target) {
        try (Checkpoint quantized = Checkpoint.open(target)) {
            EmbeddingWeights before = source.weights().embeddings();
            EmbeddingWeights after = quantized.weights().embeddings();
            assertNear(before.word(), after.word());
            assertNear(before.position(), after.position());
            assertNear(before.tokenType(), after.tokenType());
            assertEquals(source.tensors().names().size() + TABLES.size(), quantized.tensors().names().size());
            for (String name : source.tensors().names()) {
                if (!TABLES.contains(name)) {
                    assertEquals(-1, source.tensors().tensor(name).data().mismatch(quantized.tensors().tensor(name).data()), name);
                }
            }
            assertEquals(source.config(), quantized.config());
            assertEquals(source.tensors().metadata(), quantized.tensors().metadata());
        }
    }

    private static void assertNear(WeightMatrix before, WeightMatrix after) {
        Int8Matrix quantized = assertInstanceOf(Int8Matrix.class, after);
        for (int row = 0; row < before.rows(); row++) {
            double scale = quantized.scales().get(ValueLayout.JAVA_FLOAT_UNALIGNED, row * 4L);
            for (int column = 0; column < before.columns(); column++) {
                double error = Math.abs(before.get(row, column) - after.get(row, column));
                // Half a scale, and the rounding to float32 of the scale (at 127 of them) and of the product.
                if (error > scale * (0.5 + 127 * 1.2e-7)) {
                    throw new AssertionError("row %d, column %d: off by %g at a scale of %g".formatted(row, column, error, scale));
                }
            }
        }
    }

    private static Int8Matrix quantize(int rows, float... values) {
        MemorySegment elements = MemorySegment.ofArray(values);
        DenseMatrix dense = new DenseMatrix(elements, ElementType.F32, rows, values.length / rows);
        return Int8Quantization.quantize(dense, Arena.ofAuto());
    }

    private static void assertElements(Int8Matrix matrix, int... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], matrix.elements().get(ValueLayout.JAVA_BYTE, i), "element " + i);
        }
    }
}
