package io.leanspike.bench.peers;

import io.leanspike.bench.Contender;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Nanoseconds from one thread to another and back: what it costs threads to meet. A host that moves the processors of a virtual machine apart
 * multiplies it.
 */
record Handover(String name, double seconds) implements Contender {
    private static final int SPINS = 10_000; // between looks at the clock, for a machine with one processor
    private static final int OVER = -1;

    @Override
    public Map<String, Double> sample() {
        AtomicInteger ball = new AtomicInteger();
        Thread other = Thread.ofPlatform().start(() -> {
            int turn = 1;
            for (int seen = ball.get(); seen != OVER; seen = ball.get()) {
                if (seen == turn) {
                    ball.compareAndSet(turn, turn + 1);
                    turn += 2;
                }
            }
        });
        long start = System.nanoTime();
        long end = start + (long) (1e9 * seconds);
        int turns = 0;
        long now;
        do {
            for (int i = 0; i < SPINS; i++) {
                if (ball.get() == 2 * turns) {
                    ball.set(2 * turns + 1);
                    turns++;
                }
            }
            now = System.nanoTime();
        } while (now < end || turns < 2);
        ball.set(OVER);
        try {
            other.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Map.of(name, (double) (now - start) / turns);
    }
}
