package io.leanspike.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;

/** The native library inside DJL's tokenizers, loaded without the network. */
final class NativeTokenizers {
    private NativeTokenizers() {}

    /**
     * Loads the library, once a process. The first run on a machine unpacks it into DJL's cache folder.
     *
     * @throws IllegalStateException when it cannot be loaded on this machine
     */
    static void load() {
        stayOffline();
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
}
