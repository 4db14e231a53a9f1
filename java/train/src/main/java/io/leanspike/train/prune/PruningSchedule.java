package io.leanspike.train.prune;

/** How much of a structure is gone at a point of the training. The hook for other schedules. */
@FunctionalInterface
public interface PruningSchedule {

    /**
     * @param first share that is gone at the start
     * @param last share that is gone in the end
     * @param progress share of the training that is done
     * @return share that is gone now, never falling
     */
    double share(double first, double last, double progress);

    /** Whether nothing changes any more, so that what is left recovers. */
    default boolean isComplete(double progress) {
        return share(0, 1, progress) >= 1;
    }

    /**
     * {@code last + (first - last) (1 - p)^3} with p rising from 0 to 1 between {@code from} and {@code until}: much goes early, while
     * there is much to choose from (Zhu and Gupta, arXiv 1710.01878).
     *
     * @param from share of the training that passes before the first unit goes
     * @param until share of the training after which none goes
     */
    record Cubic(double from, double until) implements PruningSchedule {

        /** @throws IllegalArgumentException when not {@code 0 <= from <= until <= 1} */
        public Cubic {
            if (!(from >= 0 && from <= until && until <= 1)) {
                throw new IllegalArgumentException("pruning from %s until %s of a training".formatted(from, until));
            }
        }

        @Override
        public double share(double first, double last, double progress) {
            double phase = progress >= until ? 1 : Math.clamp((progress - from) / (until - from), 0, 1);
            return last + (first - last) * Math.pow(1 - phase, 3);
        }
    }
}
