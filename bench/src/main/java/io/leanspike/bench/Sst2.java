package io.leanspike.bench;

import io.leanspike.error.InvalidInputException;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The SST-2 benchmark's model and text.
 *
 * @param model a checkpoint folder
 * @param data SST-2's dev.tsv, or a GLUE folder that has it
 */
record Sst2(Path model, Path data) {
    /** Folder with {@code models/sst2-tiny} and {@code data/glue}, where a path is not given. */
    static final String SHARED = "leanspike.shared";

    /**
     * Both paths; an empty one stands for its place in the folder that the system property {@value #SHARED} names.
     *
     * @throws InvalidInputException when a path is not given and not there
     */
    static Sst2 locate(String model, String data) {
        return new Sst2(place(model, "model", "models/sst2-tiny"), place(data, "data", "data/glue"));
    }

    private static Path place(String given, String what, String below) {
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        String shared = System.getProperty(SHARED, "");
        Path place = Path.of(shared, below);
        if (shared.isEmpty() || !Files.exists(place)) {
            throw new InvalidInputException("SST-2 has no %s here: %s; give its path as '%s', or set -D%s to a folder that has %s"
                    .formatted(what, shared.isEmpty() ? SHARED + " is not set" : place + " does not exist", what, SHARED, below));
        }
        return place;
    }

    List<GlueExample> examples() {
        return GlueReader.read(GlueTask.SST_2, GlueTask.SST_2.file(data, "dev"));
    }
}
