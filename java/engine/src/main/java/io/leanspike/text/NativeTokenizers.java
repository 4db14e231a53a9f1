package io.leanspike.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The native library inside DJL's tokenizers, loaded without the network. */
final class NativeTokenizers {
    private static final String CACHE = "DJL_CACHE_DIR";

    private NativeTokenizers() {}

    /**
     * Loads the library, once a process. The first run on a machine unpacks it into DJL's cache folder.
     *
     * @throws IllegalStateException when it cannot be loaded on this machine
     */
    static void load() {
        stayOffline();
        useWritableCache();
        try {
            LibUtils.checkStatus();
        } catch (RuntimeException | LinkageError e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            throw new IllegalStateException(
                    "the native tokenizer library cannot be loaded on %s %s: %s; encoded token ids need no tokenizer"
                            .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), root.getMessage()), e);
        }
    }

    /** Offline, DJL neither reports its use nor looks for a CUDA build to download. A user's own setting stands. */
    private static void stayOffline() {
        if (System.getenv("DJL_OFFLINE") == null && System.getProperty("ai.djl.offline") == null
                && System.getProperty("offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        if (System.getenv("OPT_OUT_TRACKING") == null && System.getProperty("OPT_OUT_TRACKING") == null) {
            System.setProperty("OPT_OUT_TRACKING", "true");
        }
    }

    /**
     * Where DJL's usual cache folder cannot be written, a folder of this process's own takes its place. A user's own setting stands.
     */
    private static void useWritableCache() {
        if (System.getenv(CACHE) != null || System.getProperty(CACHE) != null) {
            return;
        }
        Path usual = Path.of(System.getProperty("user.home"), ".djl.ai");
        try {
            Files.createDirectories(usual);
            if (Files.isWritable(usual)) {
                return;
            }
        } catch (IOException e) {
            // Not writable: what follows.
        }
        try {
            Path own = Files.createTempDirectory("leanspike-tokenizers-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(own)));
            System.setProperty(CACHE, own.toString());
        } catch (IOException e) {
            throw new IllegalStateException("the native tokenizer library cannot be unpacked: neither %s nor a temporary folder can be"
                    .formatted(usual) + " written; name a folder with the environment variable " + CACHE, e);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // The system clears its temporary folder in time.
        }
    }
}
