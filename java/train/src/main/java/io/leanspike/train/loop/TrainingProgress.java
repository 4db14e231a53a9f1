package io.leanspike.train.loop;

import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;

/** How far a training has come, on standard error: a plain line every ten seconds, and one for each score on dev. */
public final class TrainingProgress {
    private static final double SECONDS_BETWEEN = 10;

    private final PrintWriter err;
    private final double secondsBetween;
    private long steps;
    private long firstStep;
    private long started;
    private double shown;
    private long tokens;
    private double smoothed = Double.NaN;

    public TrainingProgress(PrintWriter err) {
        this(err, SECONDS_BETWEEN);
    }

    TrainingProgress(PrintWriter err, double secondsBetween) {
        this.err = err;
        this.secondsBetween = secondsBetween;
    }

    /** What the user should know before the first step. */
    public void note(String words) {
        err.println("leanspike: " + words);
        err.flush();
    }

    void start(long step, long steps) {
        this.steps = steps;
        firstStep = step;
        started = System.nanoTime();
    }

    void at(long step, double loss, int stepTokens) {
        tokens += stepTokens;
        smoothed = Double.isNaN(smoothed) ? loss : 0.98 * smoothed + 0.02 * loss;
        double elapsed = (System.nanoTime() - started) * 1e-9;
        if (elapsed - shown < secondsBetween) {
            return;
        }
        shown = elapsed;
        double rate = (step - firstStep) / elapsed;
        long left = Math.round((steps - step) / rate);
        err.println("leanspike: step %d of %d, loss %.4f, %.2f steps/s, %.0f tokens/s, %d:%02d:%02d left".formatted(
                step, steps, smoothed, rate, tokens / elapsed, left / 3600, left / 60 % 60, left % 60));
        err.flush();
    }

    void interrupted() {
        err.println("leanspike: ending after this step, with its state saved; again to end at once");
        err.flush();
    }

    void evaluated(long step, Map<String, Double> scores) {
        err.println("leanspike: step %d: dev %s".formatted(step, scores.entrySet().stream()
                .map(score -> "%s %.2f%%".formatted(score.getKey(), 100 * score.getValue())).collect(Collectors.joining(", "))));
        err.flush();
    }
}
