package io.leanspike.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that names the model. */
final class ModelFolder {
    @Option(names = "--model", paramLabel = "DIR",
            description = "Model folder in Hugging Face's layout (default: the bundled one).")
    private Optional<Path> folder = Optional.empty();

    Path path(BundledFiles bundled) {
        return folder.orElseGet(bundled::model);
    }

    /** What reports call it. */
    String name() {
        return folder.map(Path::toString).orElse(BundledFiles.MODEL_NAME);
    }
}
