package io.leanspike.cli;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The model and the sample that come with the command line. They lie inside the jar, and the engine maps files, so they are unpacked
 * on first use, into a new folder with a random name that this user alone can enter, and removed by {@link #close} or at the latest
 * when the process ends.
 */
public final class BundledFiles implements AutoCloseable {
    static final String MODEL_NAME = "sst2-ternary (bundled)";
    static final String SAMPLE_NAME = "bundled sample";

    private static final String SAMPLE = "sample.tsv";
    private static final List<String> FILES = List.of("config.json", "model.safetensors", "vocab.txt", SAMPLE);

    private Optional<Path> folder = Optional.empty();

    /** A model folder. */
    public Path model() {
        if (folder.isEmpty()) {
            folder = Optional.of(unpack());
        }
        return folder.get();
    }

    /** Reviews in the form of SST-2. */
    public Path sample() {
        return model().resolve(SAMPLE);
    }

    private Path unpack() {
        try {
            // The folder is made for its owner alone, and with a name that cannot be foreseen.
            Path target = Files.createTempDirectory("leanspike-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(target)));
            for (String name : FILES) {
                try (InputStream in = BundledFiles.class.getResourceAsStream("bundled/" + name)) {
                    if (in == null) {
                        throw new IllegalStateException("the jar lacks its bundled " + name);
                    }
                    Files.copy(in, target.resolve(name));
                }
            }
            return target;
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the bundled model cannot be unpacked to %s: %s; name another folder with LEANSPIKE_JAVA_OPTIONS=-Djava.io.tmpdir=DIR"
                            .formatted(System.getProperty("java.io.tmpdir"), FileFailure.words(e)), e);
        }
    }

    private static void remove(Path folder) {
        try {
            for (String name : FILES) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        folder.ifPresent(BundledFiles::remove);
        folder = Optional.empty();
    }
}
