package io.leanspike.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The golden cases, models and data sets beside the repository; a test that needs them is skipped where they are absent. */
final class SharedFolder {
    private SharedFolder() {}

    static Path of(String name) {
        Path folder = Path.of(System.getProperty("leanspike.shared", "../../../shared")).resolve(name).toAbsolutePath().normalize();
        Assumptions.assumeTrue(Files.isDirectory(folder),
                () -> "skipped: this test reads " + folder + ", which is absent; name the folder with -Dleanspike.shared=...");
        return folder;
    }
}
