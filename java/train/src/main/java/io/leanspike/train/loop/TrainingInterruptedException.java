package io.leanspike.train.loop;

/** A training that was asked to end and has saved its state. */
public final class TrainingInterruptedException extends RuntimeException {
    private final int exitCode;

    TrainingInterruptedException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** 128 and the number of the signal. */
    public int exitCode() {
        return exitCode;
    }
}
