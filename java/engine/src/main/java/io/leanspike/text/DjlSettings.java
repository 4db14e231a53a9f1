package io.leanspike.text;

/** Keeps DJL, which carries the native tokenizer, off the network. A user's own setting stands. */
final class DjlSettings {
    private DjlSettings() {}

    /** Call before the first use of a DJL class. */
    static void apply() {
        // Offline, DJL neither reports its use nor looks for a CUDA build of the tokenizer to download.
        if (System.getenv("DJL_OFFLINE") == null && System.getProperty("ai.djl.offline") == null
                && System.getProperty("offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        if (System.getenv("OPT_OUT_TRACKING") == null && System.getProperty("OPT_OUT_TRACKING") == null) {
            System.setProperty("OPT_OUT_TRACKING", "true");
        }
    }
}
