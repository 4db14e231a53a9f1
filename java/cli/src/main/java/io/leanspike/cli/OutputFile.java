package io.leanspike.cli;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that a command will write when its work is done. It is checked when it is named, so that a long run does not end in
 * "permission denied", and it appears complete or not at all. Pipes and devices are written directly.
 */
record OutputFile(Path path) {

    /** @throws InvalidInputException when nothing can be written there */
    OutputFile {
        if (Files.isDirectory(path)) {
            throw new InvalidInputException(path + " cannot be written: it is a folder");
        }
        if (isDevice(path)) {
            if (!Files.isWritable(path)) {
                throw new InvalidInputException(path + " cannot be written: permission denied");
            }
        } else {
            Path probe = temporary(path);
            try {
                Files.createFile(probe);
                Files.delete(probe);
            } catch (IOException e) {
                throw unwritable(path, e);
            }
        }
    }

    /**
     * A file that a user names.
     *
     * @param mayReplace whether what is there may go; an empty file always may
     * @throws InvalidInputException when nothing can be written there, or something is there that may not be replaced
     */
    static OutputFile named(Path path, boolean mayReplace) {
        OutputFile file = new OutputFile(path);
        try {
            if (!mayReplace && Files.isRegularFile(path) && Files.size(path) > 0) {
                throw new InvalidInputException(path + " exists; name another file, or allow it to be replaced (--force)");
            }
        } catch (IOException e) {
            throw unwritable(path, e);
        }
        return file;
    }

    /** Whether both lead to one file, however they are spelled. */
    boolean isSameAs(OutputFile other) {
        return !isDevice(path) && resolved(path).equals(resolved(other.path));
    }

    private static Path resolved(Path path) {
        try {
            if (Files.exists(path)) {
                return path.toRealPath();
            }
            Path absolute = path.toAbsolutePath().normalize();
            return absolute.getParent().toRealPath().resolve(absolute.getFileName());
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    void write(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try {
            if (isDevice(path)) {
                Files.write(path, bytes.array());
            } else {
                writeBeside(bytes);
            }
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    private void writeBeside(ByteBuffer bytes) throws IOException {
        Path temporary = temporary(path);
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Path target = Files.exists(path) ? path.toRealPath() : path;
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static boolean isDevice(Path path) {
        return Files.exists(path) && !Files.isRegularFile(path);
    }

    /** A new name in the folder of the file itself, where a link leads elsewhere: a rename does not cross file systems. */
    private static Path temporary(Path path) {
        try {
            Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
            return target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    private static InvalidInputException unwritable(Path path, IOException e) {
        String why = e instanceof NoSuchFileException ? "its folder does not exist" : FileFailure.words(e);
        return new InvalidInputException("%s cannot be written: %s".formatted(path, why), e);
    }
}
