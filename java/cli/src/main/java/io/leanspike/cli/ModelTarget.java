package io.leanspike.cli;

import io.leanspike.error.InvalidInputException;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.CheckpointWriter.Existing;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that say where a model is written. */
final class ModelTarget {
    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Model folder to make.")
    private Path out;

    @Option(names = "--force", description = "Replace a model that is there.")
    private boolean force;

    Path path() {
        return out;
    }

    Existing existing() {
        return force ? Existing.REPLACE : Existing.REFUSE;
    }

    /** Before the work. @throws InvalidInputException when a model may not be written there */
    void check() {
        CheckpointWriter.checkTarget(out, existing());
    }
}
