package io.leanspike.model;

import static io.leanspike.model.Refusal.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.leanspike.tensor.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsRoundTripTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void everyTypeAndShapeComesBackAsWritten(ElementType type) {
        List<StoredTensor> written = List.of(
                random(1, "matrix", type, 3, 5), random(2, "number", type), random(3, "nothing", type, 4, 0, 2),
                random(4, "strange \" \\ \n \u00e9\ud83d\ude00 name", type, 7), random(5, "", type, 1));
        Map<String, String> metadata = Map.of("format", "pt", "quote\"", "line\nbreak");
        Path file = folder.resolve("all.safetensors");
        SafetensorsWriter.write(file, written, metadata);
        try (Safetensors read = Safetensors.open(file)) {
            assertEquals(metadata, read.metadata());
            assertEquals(written.size(), read.names().size());
            for (StoredTensor tensor : written) {
                StoredTensor found = read.tensor(tensor.name());
                assertEquals(tensor.type(), found.type());
                assertEquals(tensor.shape(), found.shape());
                assertEquals(tensor.elements(), found.elements());
                assertEquals(-1, tensor.data().mismatch(found.data()), tensor.name());
            }
        }
    }

    @Test
    void sameTensorsInAnyOrderGiveTheSameBytes() throws IOException {
        List<StoredTensor> tensors = mixed();
        SafetensorsWriter.write(folder.resolve("a"), tensors, Map.of("x", "1", "y", "2"));
        SafetensorsWriter.write(folder.resolve("b"), tensors.reversed(), Map.of("y", "2", "x", "1"));
        assertArrayEquals(Files.readAllBytes(folder.resolve("a")), Files.readAllBytes(folder.resolve("b")));
    }

    @Test
    void headerIsPaddedWithSpacesAndEveryTensorIsAligned() throws IOException {
        Path file = folder.resolve("aligned");
        SafetensorsWriter.write(file, mixed(), Map.of());
        byte[] bytes = Files.readAllBytes(file);
        long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, length % 8);
        String header = new String(bytes, Long.BYTES, (int) length, StandardCharsets.UTF_8);
        assertEquals("", header.substring(header.lastIndexOf('}') + 1).strip());
        try (Safetensors read = Safetensors.open(file)) {
            for (String name : read.names()) {
                StoredTensor tensor = read.tensor(name);
                assertEquals(0, tensor.data().address() % tensor.type().bytes(), name);
            }
        }
    }

    @Test
    void failedWriteLeavesAnExistingFileAsItWasAndNoTemporary() throws IOException {
        Path file = Files.writeString(folder.resolve("model.safetensors"), "precious");
        Arena arena = Arena.ofConfined();
        StoredTensor closed = new StoredTensor("w", ElementType.U8, List.of(9L), arena.allocate(9));
        arena.close();
        assertThrows(IllegalStateException.class, () -> SafetensorsWriter.write(file, List.of(closed), Map.of()));
        assertEquals("precious", Files.readString(file));
        assertEquals(Set.of(file), files());
    }

    @Test
    void successfulWriteReplacesTheFileAndLeavesNoTemporary() throws IOException {
        Path file = Files.writeString(folder.resolve("model.safetensors"), "old");
        SafetensorsWriter.write(file, mixed(), Map.of());
        Safetensors.open(file).close();
        assertEquals(Set.of(file), files());
    }

    @Test
    void aFileMayBeRewrittenFromItsOwnMappedTensors() {
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, mixed(), Map.of());
        try (Safetensors before = Safetensors.open(file)) {
            List<StoredTensor> tensors = before.names().stream().map(before::tensor).toList();
            SafetensorsWriter.write(file, tensors, Map.of("rewritten", "yes"));
            try (Safetensors after = Safetensors.open(file)) {
                tensors.forEach(t -> assertEquals(-1, t.data().mismatch(after.tensor(t.name()).data())));
            }
        }
    }

    @Test
    void targetThatCannotBeWrittenIsNamed() throws IOException {
        Path inAbsentFolder = folder.resolve("absent/model.safetensors");
        assertRefused(() -> SafetensorsWriter.write(inAbsentFolder, mixed(), Map.of()), inAbsentFolder, "cannot be written");
        assertRefused(() -> SafetensorsWriter.write(folder, mixed(), Map.of()), folder, "is a directory");
        Path underFile = Files.writeString(folder.resolve("file"), "").resolve("model.safetensors");
        assertRefused(() -> SafetensorsWriter.write(underFile, mixed(), Map.of()), underFile, "cannot be written");
    }

    @Test
    void namesThatTheFormatCannotHoldAreRefused() {
        Path file = folder.resolve("never");
        for (List<StoredTensor> tensors : List.of(
                List.of(random(1, "a", ElementType.U8), random(2, "a", ElementType.U8)),
                List.of(random(1, "__metadata__", ElementType.U8)),
                List.of(random(1, "\ud800", ElementType.U8)))) {
            assertThrows(IllegalArgumentException.class, () -> SafetensorsWriter.write(file, tensors, Map.of()));
        }
        assertEquals(Set.of(), files());
    }

    @Test
    void tensorWhoseSizeDoesNotFitItsShapeCannotBeMade() {
        MemorySegment data = Arena.ofAuto().allocate(8);
        assertThrows(IllegalArgumentException.class, () -> new StoredTensor("a", ElementType.F32, List.of(3L), data));
        assertThrows(IllegalArgumentException.class, () -> new StoredTensor("a", ElementType.F32, List.of(-2L, -1L), data));
        assertThrows(IllegalArgumentException.class,
                () -> new StoredTensor("a", ElementType.F32, List.of(Long.MAX_VALUE, 2L), data));
    }

    @Test
    void closedFileRefusesEveryReadAndClosesTwice() {
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, mixed(), Map.of());
        Safetensors read = Safetensors.open(file);
        MemorySegment data = read.tensor("i8").data();
        read.close();
        read.close();
        assertThrows(IllegalStateException.class, () -> data.get(ValueLayout.JAVA_BYTE, 0));
    }

    private static List<StoredTensor> mixed() {
        List<StoredTensor> tensors = new ArrayList<>();
        for (ElementType type : ElementType.values()) {
            tensors.add(random(type.ordinal(), type.name().toLowerCase(Locale.ROOT), type, 3));
        }
        return tensors;
    }

    private static StoredTensor random(long seed, String name, ElementType type, long... shape) {
        List<Long> sizes = Arrays.stream(shape).boxed().toList();
        byte[] bytes = new byte[Math.toIntExact(StoredTensor.bytes(type, sizes))];
        new Random(seed).nextBytes(bytes);
        return new StoredTensor(name, type, sizes, MemorySegment.ofArray(bytes));
    }

    private Set<Path> files() {
        try (Stream<Path> files = Files.list(folder)) {
            return Set.copyOf(files.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
