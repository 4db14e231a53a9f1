package io.leanspike.model;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes model folders that derive from another: new tensors, with the tokenizer of the source copied byte for byte. The target appears
 * complete or not at all: it is written and opened once under a temporary name beside it, then renamed, or exchanged with a model that
 * it replaces.
 */
public final class CheckpointWriter {
    /** What may already stand at the target. */
    public enum Existing {
        /** Nothing, or an empty folder. */
        REFUSE,
        /** Also a model folder, which is replaced as a whole. */
        REPLACE
    }

    private static final List<String> TOKENIZER_FILES =
            List.of("vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json");

    private CheckpointWriter() {}

    /**
     * With the configuration of the source, byte for byte.
     *
     * @param source the checkpoint whose config.json, metadata and tokenizer files are kept
     * @param tensors all tensors of the new model.safetensors
     * @throws InvalidInputException when the target exists and may not be replaced, cannot be written, or when the tensors are not
     *     those that the configuration asks for; the target is then as it was
     */
    public static void write(Checkpoint source, Collection<StoredTensor> tensors, Path target, Existing existing) {
        write(source, source.configText(), tensors, target, existing);
    }

    /** As above, with the text of another config.json. */
    public static void write(Checkpoint source, String config, Collection<StoredTensor> tensors, Path target, Existing existing) {
        checkTarget(target, existing);
        Path place = place(target);
        Path temporary = place.resolveSibling("." + place.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            Files.createDirectory(temporary);
            Files.writeString(temporary.resolve(Checkpoint.CONFIG_FILE), config);
            for (String name : TOKENIZER_FILES) {
                Path file = source.directory().resolve(name);
                if (Files.exists(file)) {
                    Files.copy(file, temporary.resolve(name));
                }
            }
            SafetensorsWriter.write(temporary.resolve(Checkpoint.WEIGHTS_FILE), tensors, source.tensors().metadata());
            Checkpoint.open(temporary).close();
            moveInto(place, temporary);
        } catch (IOException | UncheckedIOException e) {
            deleteFolder(temporary, e);
            throw new InvalidInputException("%s cannot be written: %s".formatted(target, FileFailure.words(e)), e);
        } catch (Throwable e) {
            deleteFolder(temporary, e);
            throw e;
        }
    }

    /**
     * Looks whether a model may be written there, before long work.
     *
     * @throws InvalidInputException when not
     */
    public static void checkTarget(Path target, Existing existing) {
        if (Files.exists(target) && !Files.isDirectory(target)) {
            throw new InvalidInputException(target + " is a file; name a folder to write the model to");
        }
        Path parent = place(target).getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(
                    target, parent == null ? "it is the root folder" : "the folder %s does not exist".formatted(parent)));
        }
        if (!Files.isWritable(parent)) {
            throw new InvalidInputException("%s cannot be written: permission denied in %s".formatted(target, parent));
        }
        if (!Files.exists(target)) {
            return;
        }
        Set<Path> content = content(target);
        if (content.isEmpty()) {
            return;
        }
        if (existing == Existing.REFUSE) {
            throw new InvalidInputException(target + " exists and is not empty; name another folder, or allow it to be replaced (--force)");
        }
        // Replacing deletes what was there, so it must be plainly a model folder and nothing else.
        if (!content.contains(target.resolve(Checkpoint.WEIGHTS_FILE)) || !content.stream().allMatch(Files::isRegularFile)) {
            throw new InvalidInputException(target + " is not a model folder with files alone, so it is not replaced");
        }
    }

    /** Where the folder itself is that a link leads to: the link stays. */
    private static Path place(Path target) {
        try {
            return Files.exists(target) ? target.toRealPath() : target.toAbsolutePath().normalize();
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(target, FileFailure.words(e)), e);
        }
    }

    private static Set<Path> content(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return Set.copyOf(files.toList());
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(folder, FileFailure.words(e)), e);
        }
    }

    private static void moveInto(Path place, Path temporary) throws IOException {
        if (!Files.exists(place) || content(place).isEmpty()) {
            Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        FolderExchange.exchange(place, temporary);
        delete(temporary);
    }

    private static void deleteFolder(Path folder, Throwable reason) {
        try {
            if (Files.exists(folder)) {
                delete(folder);
            }
        } catch (IOException | InvalidInputException e) {
            reason.addSuppressed(e);
        }
    }

    /** Deletes a folder of files. */
    private static void delete(Path folder) throws IOException {
        for (Path file : content(folder)) {
            Files.delete(file);
        }
        Files.delete(folder);
    }
}
