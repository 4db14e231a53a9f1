package io.leanspike.backend;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;

/**
 * Loads a native library from the file that a system property names, else from this jar: unpacked into a new folder that only this user
 * can enter and that is removed again at once where the system allows it.
 */
public final class PackagedLibrary {
    private PackagedLibrary() {}

    /**
     * @param name the library's name without the system's prefix and suffix
     * @param property system property that may name a file to load instead
     * @return why it cannot be loaded and what to do; empty when it is loaded
     */
    public static Optional<String> load(String name, String property) {
        String file = System.getProperty(property);
        try {
            if (file == null) {
                return unpackAndLoad(System.mapLibraryName(name));
            }
            System.load(Path.of(file).toAbsolutePath().toString());
            return Optional.empty();
        } catch (IOException | UnsatisfiedLinkError e) {
            return Optional.of("the native library " + name + " could not be loaded: " + e.getMessage());
        }
    }

    /** {@code linux-x86_64} and the like: the folder of this platform's libraries inside the jar. */
    public static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String name = os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : "linux";
        String arch = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            case String other -> other;
        };
        return name + "-" + arch;
    }

    private static Optional<String> unpackAndLoad(String file) throws IOException {
        String resource = "/io/leanspike/native/" + platform() + "/" + file;
        try (InputStream in = PackagedLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                return Optional.of("this build has no native library for " + platform()
                        + ": install cmake and a C++20 compiler and build again");
            }
            // createTempDirectory makes a folder with a random name that only this user can enter, so nobody can swap the file.
            Path folder = Files.createTempDirectory("leanspike-");
            Path library = folder.resolve(file);
            try {
                Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
                System.load(library.toString());
            } finally {
                removeOrLater(library);
                removeOrLater(folder);
            }
        }
        return Optional.empty();
    }

    private static void removeOrLater(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // A loaded library cannot be removed on every system.
            path.toFile().deleteOnExit();
        }
    }
}
