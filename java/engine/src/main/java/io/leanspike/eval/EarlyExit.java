package io.leanspike.eval;

import io.leanspike.schedule.TimestepSchedule;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets a sequence leave with few timesteps where its decision has settled. Sequences run with the first of the timesteps below; those whose
 * margin is not reached run again, from the beginning, with the next, and in the end with the model's own schedule.
 *
 * <p>Running again instead of going on needs no membrane potentials in memory between runs, and works where layers differ in their
 * timesteps; what it costs is counted. A stage's spikes are the first ones of the next stage, so what running again adds is known: the
 * runs before the last.
 *
 * @param margin difference between the two largest probabilities from which on a decision counts as settled; above 1 none does, and
 *     only the model's own schedule is run
 * @param timesteps of the stages before the last, rising, each at least 1; a layer never runs more than its own
 */
public record EarlyExit(double margin, List<Integer> timesteps) {

    /** Nobody leaves early. */
    public static final EarlyExit NEVER = new EarlyExit(Double.POSITIVE_INFINITY, List.of());

    /**
     * Sequences that left after a stage.
     *
     * @param schedule timesteps that the stage ran with
     */
    public record Stage(TimestepSchedule schedule, int sequences) {}

    /** @throws IllegalArgumentException when the margin is below 0 or the timesteps do not rise from 1 */
    public EarlyExit {
        timesteps = List.copyOf(timesteps);
        if (!(margin >= 0)) {
            throw new IllegalArgumentException("a margin is at least 0, not " + margin);
        }
        int before = 0;
        for (int t : timesteps) {
            if (t <= before) {
                throw new IllegalArgumentException("timesteps of early exits rise from 1, unlike " + timesteps);
            }
            before = t;
        }
    }

    /** Schedules of the stages, the model's own last. */
    List<TimestepSchedule> stages(TimestepSchedule own) {
        List<TimestepSchedule> stages = new ArrayList<>();
        if (margin <= 1) {
            for (int most : timesteps) {
                TimestepSchedule stage = new TimestepSchedule(own.timesteps().stream().map(t -> Math.min(t, most)).toList());
                if (!stage.equals(own) && (stages.isEmpty() || !stage.equals(stages.getLast()))) {
                    stages.add(stage);
                }
            }
        }
        stages.add(own);
        return stages;
    }

    /** Whether these logits have settled. */
    boolean settles(double[] logits) {
        double first = 0;
        double second = 0;
        for (double probability : Logits.probabilities(logits)) {
            if (probability > first) {
                second = first;
                first = probability;
            } else {
                second = Math.max(second, probability);
            }
        }
        return first - second >= margin;
    }
}
