package io.leanspike.model;

import static io.leanspike.model.Refusal.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.leanspike.SharedData;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.WeightMatrix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final String QUERY = "bert.encoder.layer.1.attention.self.query.weight";
    private static final String BIAS = "bert.encoder.layer.0.intermediate.dense.bias";
    private static final String WORDS = "bert.embeddings.word_embeddings.weight";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"golden/if_pair", "golden/if_odd_sizes", "golden/if_wide", "golden/lif_leaky", "models/sst2-tiny"})
    void sharedCheckpointOpensWithTheShapesOfItsConfig(String name) throws IOException {
        Path directory = SharedData.directory(name);
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            ModelConfig config = checkpoint.config();
            EncoderWeights weights = checkpoint.weights();
            assertEquals(directory, checkpoint.directory());
            assertEquals(Files.size(directory.resolve("model.safetensors")), checkpoint.bytes());
            assertEquals(config.vocabularySize(), weights.embeddings().word().rows());
            assertEquals(config.hiddenLayers(), weights.layers().size());
            assertEquals(config.intermediateSize(), weights.layers().getLast().output().inputs());
            assertEquals(config.labels().size(), weights.classifier().bias().length);
        }
    }

    @Test
    void everyWeightIsTheOneUnderItsHuggingFaceName() {
        List<StoredTensor> tensors = TinyCheckpoint.DEFAULT.tensors(7);
        try (Checkpoint checkpoint = Checkpoint.open(TinyCheckpoint.write(folder, 7))) {
            EncoderWeights weights = checkpoint.weights();
            assertMatrix(tensors, WORDS, weights.embeddings().word());
            assertMatrix(tensors, "bert.embeddings.position_embeddings.weight", weights.embeddings().position());
            assertMatrix(tensors, "bert.embeddings.token_type_embeddings.weight", weights.embeddings().tokenType());
            assertNorm(tensors, "bert.embeddings.LayerNorm", weights.embeddings().norm());
            for (int i = 0; i < 2; i++) {
                String layer = "bert.encoder.layer." + i + ".";
                LayerWeights read = weights.layers().get(i);
                assertLinear(tensors, layer + "attention.self.query", read.query());
                assertLinear(tensors, layer + "attention.self.key", read.key());
                assertLinear(tensors, layer + "attention.self.value", read.value());
                assertLinear(tensors, layer + "attention.output.dense", read.attentionOutput());
                assertNorm(tensors, layer + "attention.output.LayerNorm", read.attentionOutputNorm());
                assertLinear(tensors, layer + "intermediate.dense", read.intermediate());
                assertLinear(tensors, layer + "output.dense", read.output());
                assertNorm(tensors, layer + "output.LayerNorm", read.outputNorm());
            }
            assertLinear(tensors, "classifier", weights.classifier());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void halfPrecisionWeightsAreReadAsTheyAre(ElementType type) {
        List<StoredTensor> tensors = TinyCheckpoint.DEFAULT.tensors(1).stream().map(t -> cast(t, type)).toList();
        try (Checkpoint checkpoint = open(tensors)) {
            assertMatrix(tensors, QUERY, checkpoint.weights().layers().get(1).query().weight());
            assertVector(tensors, BIAS, checkpoint.weights().layers().getFirst().intermediate().bias());
        }
    }

    @Test
    void doublePrecisionVectorsAreRoundedToFloat32() {
        List<StoredTensor> tensors = replace(BIAS, t -> cast(t, ElementType.F64));
        try (Checkpoint checkpoint = open(tensors)) {
            assertVector(tensors, BIAS, checkpoint.weights().layers().getFirst().intermediate().bias());
        }
    }

    @Test
    void eightBitMatrixComesWithItsScales() {
        try (Checkpoint checkpoint = open(withInt8Words(scales(2f)))) {
            Int8Matrix words = assertInstanceOf(Int8Matrix.class, checkpoint.weights().embeddings().word());
            assertEquals(-6, words.get(3, 5));
        }
    }

    @Test
    void namesWithoutTheBertPrefixAreRead() {
        List<StoredTensor> bare = TinyCheckpoint.DEFAULT.tensors(1).stream()
                .map(t -> new StoredTensor(t.name().replaceFirst("^bert\\.", ""), t.type(), t.shape(), t.data())).toList();
        try (Checkpoint checkpoint = open(bare)) {
            assertMatrix(bare, "embeddings.word_embeddings.weight", checkpoint.weights().embeddings().word());
        }
    }

    @Test
    void tensorsThatTheModelDoesNotNeedAreIgnored() {
        List<StoredTensor> tensors = new ArrayList<>(TinyCheckpoint.DEFAULT.tensors(1));
        tensors.add(new StoredTensor("bert.embeddings.position_ids", ElementType.I64, List.of(1L, 32L),
                MemorySegment.ofArray(new byte[256])));
        tensors.add(new StoredTensor("cls.nan", ElementType.F32, List.of(1L), MemorySegment.ofArray(new byte[] {-1, -1, -1, -1})));
        open(tensors).close();
    }

    @Test
    void closedCheckpointRefusesItsWeightsAndClosesTwice() {
        Checkpoint checkpoint = Checkpoint.open(TinyCheckpoint.write(folder, 1));
        WeightMatrix words = checkpoint.weights().embeddings().word();
        checkpoint.close();
        checkpoint.close();
        assertThrows(IllegalStateException.class, () -> words.get(0, 0));
        assertThrows(IllegalStateException.class, checkpoint::weights);
    }

    @Test
    void folderThatIsNotACheckpointIsRefused() throws IOException {
        Path absent = folder.resolve("absent");
        assertRefused(() -> Checkpoint.open(absent), absent, "does not exist");
        assertRefused(() -> Checkpoint.open(folder), folder, "is empty");
        Path file = Files.writeString(folder.resolve("a.txt"), "");
        assertRefused(() -> Checkpoint.open(file), file, "is a file");
        assertRefused(() -> Checkpoint.open(folder), folder.resolve("config.json"), "does not exist");
    }

    @Test
    void missingOrEmptyWeightsFileIsRefused() throws IOException {
        TinyCheckpoint.write(folder, 1);
        Path file = folder.resolve("model.safetensors");
        Files.write(file, new byte[0]);
        assertRefused(() -> Checkpoint.open(folder), file, "too few");
        Files.delete(file);
        assertRefused(() -> Checkpoint.open(folder), file, "does not exist");
    }

    @ParameterizedTest
    @ValueSource(strings = {WORDS, QUERY, BIAS, "bert.embeddings.LayerNorm.bias", "classifier.weight", "classifier.bias"})
    void missingTensorIsNamed(String name) {
        assertTensorRefused(TinyCheckpoint.DEFAULT.tensors(1).stream().filter(t -> !t.name().equals(name)).toList(), name, "is missing");
    }

    @ParameterizedTest
    @CsvSource({QUERY + ", F64", QUERY + ", I32", QUERY + ", BOOL", BIAS + ", I8", BIAS + ", I64"})
    void tensorOfAnotherTypeIsRefused(String name, ElementType type) {
        assertTensorRefused(replace(name, t -> zeros(t.name(), type, t.shape())), name, "is of type " + type, "must be one of [");
    }

    @Test
    void tensorOfAnotherShapeIsRefusedWithBothShapes() {
        assertTensorRefused(replace(WORDS, t -> zeros(WORDS, ElementType.F32, List.of(26L, 31L))),
                WORDS, "has shape [26, 31]", "asks for [26, 32]");
        assertTensorRefused(replace(WORDS, t -> zeros(WORDS, ElementType.F32, List.of(832L))), WORDS, "has shape [832]");
        assertTensorRefused(replace(BIAS, t -> zeros(BIAS, ElementType.F32, List.of(1L, 48L))), BIAS, "has shape [1, 48]", "asks for [48]");
    }

    @ParameterizedTest
    @CsvSource({"NaN, F32", "Infinity, F32", "-Infinity, F32", "NaN, F16", "Infinity, BF16"})
    void weightThatIsNotFiniteIsNamedWithItsIndex(float value, ElementType type) {
        assertTensorRefused(replace(QUERY, t -> set(cast(t, type), 5 * 32 + 3, value)), QUERY, "holds " + value + " at index [5, 3]");
        assertTensorRefused(replace(BIAS, t -> set(cast(t, type), 47, value)), BIAS, "holds " + value + " at index [47]");
    }

    @Test
    void doubleThatOverflowsFloat32IsRefused() {
        assertTensorRefused(replace(BIAS, t -> {
            StoredTensor wide = cast(t, ElementType.F64);
            wide.data().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 16, 1e39);
            return wide;
        }), BIAS, "holds 1.0E39 at index [2]", "finite in float32");
    }

    @Test
    void eightBitMatrixWithoutSoundScalesIsRefused() {
        String name = WORDS + "_scale";
        assertTensorRefused(withInt8Words(zeros("other", ElementType.F32, List.of(26L))), name, "is missing");
        assertTensorRefused(withInt8Words(zeros(name, ElementType.F16, List.of(26L))), name, "is of type F16");
        assertTensorRefused(withInt8Words(zeros(name, ElementType.F32, List.of(32L))), name, "has shape [32]", "asks for [26]");
        assertTensorRefused(withInt8Words(set(scales(1f), 4, Float.NaN)), name, "holds NaN at index [4]");
    }

    private Checkpoint open(List<StoredTensor> tensors) {
        return Checkpoint.open(TinyCheckpoint.writeTo(folder, TinyCheckpoint.DEFAULT.config(), tensors));
    }

    private void assertTensorRefused(List<StoredTensor> tensors, String name, Object... causes) {
        assertRefused(() -> open(tensors), folder.resolve("model.safetensors"), "'" + name + "'");
        assertRefused(() -> open(tensors), causes);
    }

    private static List<StoredTensor> replace(String name, UnaryOperator<StoredTensor> change) {
        return TinyCheckpoint.DEFAULT.tensors(1).stream().map(t -> t.name().equals(name) ? change.apply(t) : t).toList();
    }

    /** The default tensors with word embeddings of -3 everywhere in 8 bits, and {@code scales} beside them. */
    private static List<StoredTensor> withInt8Words(StoredTensor scales) {
        List<StoredTensor> tensors = new ArrayList<>(replace(WORDS, t -> {
            StoredTensor bytes = zeros(WORDS, ElementType.I8, t.shape());
            bytes.data().fill((byte) -3);
            return bytes;
        }));
        tensors.add(scales);
        return tensors;
    }

    private static StoredTensor scales(float value) {
        StoredTensor scales = zeros(WORDS + "_scale", ElementType.F32, List.of(26L));
        for (int i = 0; i < 26; i++) {
            set(scales, i, value);
        }
        return scales;
    }

    private static StoredTensor zeros(String name, ElementType type, List<Long> shape) {
        return new StoredTensor(name, type, shape, MemorySegment.ofArray(new byte[(int) StoredTensor.bytes(type, shape)]));
    }

    private static StoredTensor cast(StoredTensor tensor, ElementType type) {
        StoredTensor cast = zeros(tensor.name(), type, tensor.shape());
        for (long i = 0; i < tensor.elements(); i++) {
            set(cast, i, (float) Elements.get(tensor.data(), tensor.type(), i));
        }
        return cast;
    }

    private static StoredTensor set(StoredTensor tensor, long index, float value) {
        switch (tensor.type()) {
            case F64 -> tensor.data().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * 8, value);
            case F32 -> tensor.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4, value);
            case F16 -> tensor.data().set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, Float.floatToFloat16(value));
            default -> tensor.data().set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, (short) (Float.floatToIntBits(value) >>> 16));
        }
        return tensor;
    }

    private static void assertLinear(List<StoredTensor> tensors, String module, LinearWeights read) {
        assertMatrix(tensors, module + ".weight", read.weight());
        assertVector(tensors, module + ".bias", read.bias());
    }

    private static void assertNorm(List<StoredTensor> tensors, String module, LayerNormWeights read) {
        assertVector(tensors, module + ".weight", read.weight());
        assertVector(tensors, module + ".bias", read.bias());
        assertEquals(1e-12f, read.eps());
    }

    private static void assertMatrix(List<StoredTensor> tensors, String name, WeightMatrix read) {
        StoredTensor tensor = named(tensors, name);
        assertEquals(tensor.shape(), List.of((long) read.rows(), (long) read.columns()), name);
        for (int row = 0; row < read.rows(); row++) {
            for (int column = 0; column < read.columns(); column++) {
                double expected = Elements.get(tensor.data(), tensor.type(), (long) row * read.columns() + column);
                assertEquals(expected, read.get(row, column), name);
            }
        }
    }

    private static void assertVector(List<StoredTensor> tensors, String name, float[] read) {
        assertArrayEquals(Elements.toFloats(named(tensors, name)), read, name);
    }

    private static StoredTensor named(List<StoredTensor> tensors, String name) {
        return tensors.stream().filter(t -> t.name().equals(name)).findAny().orElseThrow();
    }
}
