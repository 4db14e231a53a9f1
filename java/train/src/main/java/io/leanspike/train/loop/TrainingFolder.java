package io.leanspike.train.loop;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of a training while it is written: one training at a time, and none over what another program has made. It is opened before
 * anything is read or measured, since that may take minutes. One that is closed before anything was written leaves nothing behind.
 */
public final class TrainingFolder implements AutoCloseable {
    private static final String LOCK = "lock";

    private final Path folder;
    private final boolean isNew;
    private final FileChannel lock;

    private TrainingFolder(Path folder, boolean isNew, FileChannel lock) {
        this.folder = folder;
        this.isNew = isNew;
        this.lock = lock;
    }

    /**
     * Makes the folder where there is none, and holds it until it is closed or the process ends.
     *
     * @param resume whether a state that is there may be continued
     * @throws InvalidInputException when it holds a state that may not be, a model of no training, or a training that is running, or cannot
     *     be written
     */
    public static TrainingFolder open(Path folder, boolean resume) {
        Path training = folder.resolve("training");
        Path state = training.resolve(TrainingLoop.STATE);
        if (!resume && Files.exists(state)) {
            throw new InvalidInputException(state + " exists: continue with --resume, or train into another folder");
        }
        if (Files.exists(folder.resolve(Checkpoint.WEIGHTS_FILE)) && !Files.exists(training)) {
            throw new InvalidInputException(folder + " holds a model that no training has made: train into another folder");
        }
        boolean isNew = !Files.exists(folder);
        Path file = training.resolve(LOCK);
        try {
            Files.createDirectories(training);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            if (isTaken(channel)) {
                channel.close();
                throw new InvalidInputException(folder + " is in use: another training is writing it");
            }
            return new TrainingFolder(folder, isNew, channel);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(training, FileFailure.words(e)), e);
        }
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> in = Files.list(of)) {
            return in.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            // Held by this process.
            return true;
        }
    }

    @Override
    public void close() {
        try (lock) {
            Path training = folder.resolve("training");
            if (names(training).equals(List.of(LOCK))) {
                Files.delete(training.resolve(LOCK));
                Files.delete(training);
                if (isNew && names(folder).isEmpty()) {
                    Files.delete(folder);
                }
            }
        } catch (IOException e) {
            throw new InvalidInputException("the lock of a training's folder cannot be given up: " + FileFailure.words(e), e);
        }
    }
}
