package io.leanspike.bench;

import java.util.Map;

/** One of several things measured by turns. */
public interface Contender {
    /** OpenBLAS workers spin for a while after a product; without a pause they would take a core from whoever comes next. */
    long PAUSE_MILLIS = 40;

    /** Measures once: figures by name, the more the better. */
    Map<String, Double> sample();

    /**
     * A product, timed over enough repetitions to fill {@code seconds}, after one that is not timed: it fills the caches and wakes the
     * threads. Its only figure is GMAC/s, under {@code name}.
     */
    static Contender product(String name, double gmac, double seconds, Runnable product) {
        return () -> {
            pause();
            product.run();
            long repetitions = 0;
            long start = System.nanoTime();
            double elapsed;
            do {
                product.run();
                repetitions++;
                elapsed = (System.nanoTime() - start) * 1e-9;
            } while (elapsed < seconds);
            return Map.of(name, gmac * repetitions / elapsed);
        };
    }

    /** Lets worker threads of the previous contender fall asleep. */
    static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }
}
