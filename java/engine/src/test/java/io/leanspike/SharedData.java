package io.leanspike;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The folder of golden cases, models and data sets that lives beside the repository and is never committed. It is named by the
 * system property {@code leanspike.shared}, else it is {@code ../shared} seen from the repository's root.
 */
public final class SharedData {
    private static final String PROPERTY = "leanspike.shared";

    private SharedData() {}

    /**
     * The folder {@code name} of the shared data, for example {@code golden} or {@code models/sst2-tiny}. Where it is absent the
     * calling test is skipped, with a message that says what is missing and how to name it.
     */
    public static Path directory(String name) {
        Path directory = root().resolve(name);
        Assumptions.assumeTrue(Files.isDirectory(directory), () -> "skipped: this test reads " + directory.normalize()
                + ", which is absent; name the shared folder with -D" + PROPERTY + "=...");
        return directory;
    }

    private static Path root() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return Path.of(named).toAbsolutePath();
        }
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("java/engine"))) {
                return folder.resolveSibling("shared");
            }
        }
        return start.resolveSibling("shared");
    }
}
