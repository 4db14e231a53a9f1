package io.leanspike.model;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A safetensors file, memory-mapped: tensors are read-only views of the file, usable from any thread until {@link #close}, after
 * which every access to them throws {@link IllegalStateException}.
 *
 * <p>The file is checked completely when it is opened (format: 8-byte little-endian header length, JSON header, data), so that
 * no view reaches outside it. What cannot be guarded against is another process that truncates the file while it is mapped.
 */
public final class Safetensors implements AutoCloseable {
    private static final int LENGTH_BYTES = Long.BYTES;
    /** The limit of the official reader. */
    private static final long LONGEST_HEADER = 100_000_000;
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final Arena arena;
    private final long fileBytes;
    private final Map<String, StoredTensor> tensors;
    private final Map<String, String> metadata;

    private Safetensors(Path file, Arena arena, long fileBytes, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
        this.file = file;
        this.arena = arena;
        this.fileBytes = fileBytes;
        this.tensors = tensors;
        this.metadata = metadata;
    }

    /**
     * Maps and checks a file.
     *
     * @throws InvalidInputException when the file cannot be read or breaks the format; the message names the file and the cause
     */
    public static Safetensors open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(file + (Files.exists(file) ? " is not a file" : " does not exist"));
        }
        Arena arena = Arena.ofShared();
        try {
            return read(file, arena, map(file, arena));
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    private static MemorySegment map(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < LENGTH_BYTES) {
                throw new InvalidInputException("%s: %d bytes are too few for a safetensors file, which starts with an 8-byte header length"
                        .formatted(file, size));
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    private static Safetensors read(Path file, Arena arena, MemorySegment bytes) {
        long headerBytes = bytes.get(LENGTH, 0);
        long most = bytes.byteSize() - LENGTH_BYTES;
        if (headerBytes < 0 || headerBytes > most) {
            throw new InvalidInputException(
                    "%s: the header length is %s, but only %d bytes follow it; the file is truncated or not safetensors"
                    .formatted(file, Long.toUnsignedString(headerBytes), most));
        }
        if (headerBytes > LONGEST_HEADER) {
            throw new InvalidInputException("%s: the header length is %d, above the format's limit of %d"
                    .formatted(file, headerBytes, LONGEST_HEADER));
        }
        MemorySegment data = bytes.asSlice(LENGTH_BYTES + headerBytes);
        SafetensorsHeader header =
                SafetensorsHeader.parse(bytes.asSlice(LENGTH_BYTES, headerBytes).asByteBuffer(), file, data.byteSize());
        Map<String, StoredTensor> tensors = LinkedHashMap.newLinkedHashMap(header.entries().size());
        for (SafetensorsHeader.Entry entry : header.entries()) {
            MemorySegment view = data.asSlice(entry.begin(), entry.end() - entry.begin());
            tensors.put(entry.name(), new StoredTensor(entry.name(), entry.type(), entry.shape(), view));
        }
        return new Safetensors(file, arena, bytes.byteSize(), Collections.unmodifiableMap(tensors), header.metadata());
    }

    /** The file as it was named. */
    public Path file() {
        return file;
    }

    /** Bytes of the whole file. */
    public long fileBytes() {
        return fileBytes;
    }

    /** Names of all tensors, in the header's order. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** The strings under {@code __metadata__}; empty where there are none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The tensor of this name, if the file has it. */
    public Optional<StoredTensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * The tensor of this name.
     *
     * @throws InvalidInputException when the file does not have it
     */
    public StoredTensor tensor(String name) {
        return find(name).orElseThrow(
                () -> new InvalidInputException("%s: tensor %s is missing".formatted(file, Quoted.of(name))));
    }

    /** False once the file is closed. */
    public boolean isOpen() {
        return arena.scope().isAlive();
    }

    /**
     * Unmaps the file; a second call does nothing.
     *
     * @throws IllegalStateException when a native call is using the file at this moment
     */
    @Override
    public synchronized void close() {
        if (isOpen()) {
            arena.close();
        }
    }
}
