package io.leanspike.bench.peers;

/** A peer does not compute what it stands for, so that its time would mean nothing. */
public final class Disagreement extends RuntimeException {
    public Disagreement(String message) {
        super("nothing more is timed: " + message);
    }
}
