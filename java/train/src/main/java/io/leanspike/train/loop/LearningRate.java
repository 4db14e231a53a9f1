package io.leanspike.train.loop;

/**
 * Rises linearly to {@code peak} over {@code warmup} steps, then falls linearly to {@code last} at step {@code steps}.
 */
public record LearningRate(double peak, long warmup, long steps, double last) {

    /** @param step from 1 to {@code steps} */
    public double at(long step) {
        if (step <= warmup) {
            return peak * step / warmup;
        }
        double left = (double) (steps - step) / Math.max(1, steps - warmup);
        return last + (peak - last) * left;
    }
}
