package io.leanspike.cli;

import io.leanspike.compress.search.CompressionSearch;

/** How far a search has come. The time left counts from the first candidate that was not known from an earlier run. */
final class SearchProgress implements CompressionSearch.Listener, AutoCloseable {
    private final ProgressLine line;
    private long evaluated;
    private long doneBefore;
    private long start;
    /** Whether it is known how many candidates there will be. */
    private boolean counting;

    SearchProgress(Streams streams) {
        line = new ProgressLine(streams);
    }

    /** A candidate is going to be run. */
    void running() {
        evaluated++;
        if (!counting) {
            line.show(0, 1, elapsed -> "the greedy schedule first: %d candidates run".formatted(evaluated));
        }
    }

    @Override
    public void at(long done, long total) {
        counting = true;
        if (evaluated == 0 || start == 0) {
            doneBefore = done;
            start = System.nanoTime();
        }
        double left = (System.nanoTime() - start) * 1e-9 / Math.max(1, done - doneBefore) * (total - done);
        line.show(done, total, elapsed -> "%d of at most %d candidates, %d run, %s left".formatted(done, total, evaluated,
                done == doneBefore ? "?" : Figures.clock(left)));
    }

    @Override
    public void close() {
        line.close();
    }
}
