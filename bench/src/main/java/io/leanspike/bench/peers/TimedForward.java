package io.leanspike.bench.peers;

import io.leanspike.bench.Contender;
import java.util.Map;

/**
 * A forward pass as a contender: sequences a second. Short ones run once untimed, which fills the caches and wakes the threads, and
 * then as often as fills {@code seconds}; a pass longer than that is timed once, since neither matters then.
 */
public record TimedForward(String name, PreparedForward forward, int sequences, double seconds) implements Contender {

    @Override
    public Map<String, Double> sample() {
        Contender.pause();
        long start = System.nanoTime();
        forward.run();
        double first = (System.nanoTime() - start) * 1e-9;
        if (first >= seconds) {
            return Map.of(name, sequences / first);
        }
        long runs = 0;
        double elapsed;
        start = System.nanoTime();
        do {
            forward.run();
            runs++;
            elapsed = (System.nanoTime() - start) * 1e-9;
        } while (elapsed < seconds);
        return Map.of(name, sequences * runs / elapsed);
    }
}
