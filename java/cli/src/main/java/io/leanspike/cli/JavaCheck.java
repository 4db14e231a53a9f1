package io.leanspike.cli;

/** The JDK that runs us, and what it may use. */
final class JavaCheck {
    private JavaCheck() {}

    static Diagnosis run() {
        Runtime runtime = Runtime.getRuntime();
        return Diagnosis.ok("Java", "%s of %s in %s; %d processors, %s heap at most".formatted(Runtime.version(),
                System.getProperty("java.vendor"), System.getProperty("java.home"), runtime.availableProcessors(),
                Figures.bytes(runtime.maxMemory())));
    }
}
