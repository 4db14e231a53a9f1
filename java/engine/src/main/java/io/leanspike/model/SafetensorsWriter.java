package io.leanspike.model;

import com.google.gson.stream.JsonWriter;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes safetensors files. The same tensors and metadata give the same bytes whatever their order: metadata is sorted by key,
 * tensors by element size (largest first, so that every tensor is aligned to its elements) and then by name, as the official
 * writer does; the header is padded with spaces so that the data starts at a multiple of 8 bytes.
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;
    /** Below the 2 GiB that one byte buffer can hold. */
    private static final long PIECE = 1 << 30;

    private SafetensorsWriter() {}

    /**
     * Writes a file atomically: {@code target} is either as it was or complete and on disk, never half written, and no temporary
     * file stays behind.
     *
     * @param metadata strings for {@code __metadata__}; nothing is written when it is empty
     * @throws InvalidInputException when the target cannot be written; the message names it
     * @throws IllegalArgumentException when two tensors have one name, or a name is {@code __metadata__} or not Unicode text
     */
    public static void write(Path target, Collection<StoredTensor> tensors, Map<String, String> metadata) {
        List<StoredTensor> ordered = ordered(tensors);
        ByteBuffer header = header(ordered, metadata);
        if (Files.isDirectory(target)) {
            throw new InvalidInputException(target + " cannot be written: it is a directory");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new InvalidInputException(target + " cannot be written: it is a pipe or a device, and the file is replaced as a whole");
        }
        Path file = followLink(target);
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                writeFully(channel, header);
                for (StoredTensor tensor : ordered) {
                    write(channel, tensor.data());
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            delete(temporary, e);
            throw new InvalidInputException("%s cannot be written: %s".formatted(target, FileFailure.words(e)), e);
        } catch (Throwable e) {
            delete(temporary, e);
            throw e;
        }
    }

    /** The file that a link leads to; renaming over the link itself would lose it. */
    private static Path followLink(Path target) {
        try {
            return Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(target, FileFailure.words(e)), e);
        }
    }

    private static List<StoredTensor> ordered(Collection<StoredTensor> tensors) {
        Set<String> names = new HashSet<>(Set.of(SafetensorsHeader.METADATA));
        for (StoredTensor tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("the tensor name " + Quoted.of(tensor.name()) + " is taken");
            }
        }
        List<StoredTensor> ordered = new ArrayList<>(tensors);
        ordered.sort(Comparator.comparingInt((StoredTensor tensor) -> -tensor.type().bytes()).thenComparing(StoredTensor::name));
        return ordered;
    }

    /** The length and the padded JSON. */
    private static ByteBuffer header(List<StoredTensor> tensors, Map<String, String> metadata) {
        ByteBuffer json = encode(json(tensors, metadata));
        int padding = -json.remaining() & (ALIGNMENT - 1);
        ByteBuffer header = ByteBuffer.allocate(Long.BYTES + json.remaining() + padding).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(json.remaining() + padding).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static String json(List<StoredTensor> tensors, Map<String, String> metadata) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject();
            if (!metadata.isEmpty()) {
                json.name(SafetensorsHeader.METADATA).beginObject();
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    json.name(entry.getKey()).value(entry.getValue());
                }
                json.endObject();
            }
            long begin = 0;
            for (StoredTensor tensor : tensors) {
                long end = begin + tensor.data().byteSize();
                json.name(tensor.name()).beginObject().name("dtype").value(tensor.type().name()).name("shape").beginArray();
                for (long size : tensor.shape()) {
                    json.value(size);
                }
                json.endArray().name("data_offsets").beginArray().value(begin).value(end).endArray().endObject();
                begin = end;
            }
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be written", e);
        }
        return text.toString();
    }

    private static ByteBuffer encode(String json) {
        try {
            return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a tensor name or metadata string is not Unicode text", e);
        }
    }

    private static void write(FileChannel channel, MemorySegment data) throws IOException {
        for (long offset = 0; offset < data.byteSize(); offset += PIECE) {
            writeFully(channel, data.asSlice(offset, Math.min(PIECE, data.byteSize() - offset)).asByteBuffer());
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void delete(Path temporary, Throwable reason) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }
}
