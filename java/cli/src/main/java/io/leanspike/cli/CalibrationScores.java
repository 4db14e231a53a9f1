package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.compress.TimestepSearch.Trial;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.SignTest;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What schedules of a model achieve on calibration examples, and which differences are more than chance. */
final class CalibrationScores {
    /** A difference that is as probable as this, or more, where there is none in truth, is taken for chance. */
    private static final double CHANCE = 0.01;

    private record Key(List<Integer> timesteps, double potential) {}

    /** @param errors of every example: 0 or 1, or how far a score is off */
    private record Score(double metric, double[] errors) {}

    private final Path model;
    private final double own;
    private final EvalData.Selected selected;
    private final Map<Key, Score> known = new HashMap<>();

    /** @param own initial potential that stands for the model's neurons as they are */
    CalibrationScores(Path model, double own, EvalData.Selected selected) {
        this.model = model;
        this.own = own;
        this.selected = selected;
    }

    /** How the model runs at a schedule: with its own neurons, or with another initial potential in all of them. */
    ModelOptions options(List<Integer> timesteps, double potential) {
        ModelOptions options = ModelOptions.DEFAULTS.withTimesteps(timesteps.toArray(Integer[]::new));
        return potential == own ? options : options.withInitialPotential(potential);
    }

    /** The task's first metric; negative infinity where it is not defined. */
    double metric(List<Integer> timesteps, double potential) {
        return score(timesteps, potential).metric();
    }

    private Score score(List<Integer> timesteps, double potential) {
        Key key = new Key(timesteps, potential);
        if (!known.containsKey(key)) {
            try (SpikingModel running = SpikingModel.open(model, options(timesteps, potential))) {
                Evaluation evaluation = running.evaluate(selected.task(), selected.examples());
                known.put(key, new Score(metric(evaluation), errors(evaluation)));
            }
        }
        return known.get(key);
    }

    static double metric(Evaluation evaluation) {
        double first = evaluation.metrics().values().iterator().next();
        return Double.isNaN(first) ? Double.NEGATIVE_INFINITY : first;
    }

    private static double[] errors(Evaluation evaluation) {
        return evaluation.predictions().stream().mapToDouble(prediction -> {
            double off = Math.abs(prediction.predicted() - prediction.gold());
            return evaluation.task().isRegression() ? off : Math.min(1, off);
        }).toArray();
    }

    /**
     * Whether the metric is higher, and the answers are nearer the truth on more of the examples where they differ than chance explains.
     */
    boolean isSurelyBetter(Trial one, Trial other) {
        double[] ours = score(one.timesteps(), one.initialPotential()).errors();
        double[] theirs = score(other.timesteps(), other.initialPotential()).errors();
        int wins = 0;
        int losses = 0;
        for (int i = 0; i < ours.length; i++) {
            wins += ours[i] < theirs[i] ? 1 : 0;
            losses += ours[i] > theirs[i] ? 1 : 0;
        }
        return one.metric() > other.metric() && SignTest.chance(wins, losses) < CHANCE;
    }

    /** @throws InvalidInputException when a search could not start from there */
    void checkDefined(List<Integer> beginning) {
        if (metric(beginning, own) == Double.NEGATIVE_INFINITY) {
            throw new InvalidInputException(("the metric of %s is not defined on these %d examples, where all answers or all scores are the"
                    + " same: take more of them, or begin with more timesteps (--start)")
                    .formatted(selected.task(), selected.examples().size()));
        }
    }
}
