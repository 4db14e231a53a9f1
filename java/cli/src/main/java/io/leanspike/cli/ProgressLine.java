package io.leanspike.cli;

import io.leanspike.eval.Progress;
import java.io.PrintWriter;
import java.util.function.DoubleFunction;

/** How far a run has come, on standard error: a bar that is redrawn on a terminal, elsewhere a plain line every ten seconds. */
final class ProgressLine implements Progress, AutoCloseable {
    private static final int BAR = 30;
    private static final double REDRAW_SECONDS = 0.1;
    private static final double PLAIN_SECONDS = 10;

    private final PrintWriter err;
    private final boolean terminal;
    private final boolean unicode;
    private final long start = System.nanoTime();
    private double lastShown;
    private int shownWidth;

    ProgressLine(Streams streams) {
        err = streams.err();
        terminal = streams.isTerminal(Streams.STANDARD_ERROR);
        unicode = streams.unicode();
    }

    @Override
    public void at(long done, long total) {
        show(done, total, elapsed -> state(done, total, elapsed));
    }

    /** @param text made of the seconds since the beginning, where a line is due */
    void show(long done, long total, DoubleFunction<String> text) {
        double elapsed = (System.nanoTime() - start) * 1e-9;
        if (elapsed - lastShown < (terminal ? REDRAW_SECONDS : PLAIN_SECONDS)) {
            return;
        }
        lastShown = elapsed;
        String state = text.apply(elapsed);
        if (terminal) {
            String line = bar(done, total) + "  " + state;
            err.print("\r" + line + " ".repeat(Math.max(0, shownWidth - line.length())));
            err.flush();
            shownWidth = line.length();
        } else {
            err.println("leanspike: " + state);
        }
    }

    private String bar(long done, long total) {
        int full = (int) (done * BAR / total);
        return unicode ? "━".repeat(full) + "╌".repeat(BAR - full) : "[" + "=".repeat(full) + " ".repeat(BAR - full) + "]";
    }

    /** The rate is that of the whole run: batches come longest first, so the time left is rather too long than too short. */
    static String state(long done, long total, double elapsed) {
        double rate = done / elapsed;
        return "%d of %d, %s/s, %s left".formatted(done, total, Figures.count(rate), Figures.clock((total - done) / rate));
    }

    /** Wipes the bar, so that the report starts on a clean line. */
    @Override
    public void close() {
        if (shownWidth > 0) {
            err.print("\r" + " ".repeat(shownWidth) + "\r");
            err.flush();
        }
    }
}
