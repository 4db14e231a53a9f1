package io.leanspike.eval;

import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.text.GlueTask;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A finished evaluation.
 *
 * @param metrics the task's own metrics by GLUE name
 * @param predictions in the order of the examples
 * @param truncated examples that were longer than the model reads and were cut
 * @param tokens tokens of all examples, special tokens included
 * @param tokenizeSeconds wall time of turning text into ids
 * @param forwardSeconds wall time of batching, forward passes and accounting
 * @param plan of the largest batch
 * @param notices what happened on the way and a user should know, such as batches that had to be halved
 * @param exits where sequences left; empty where none could leave early
 * @param populations in the order data passes them; empty at equilibrium
 */
public record Evaluation(
        GlueTask task,
        Map<String, Double> metrics,
        List<Prediction> predictions,
        int truncated,
        long tokens,
        double tokenizeSeconds,
        double forwardSeconds,
        ExecutionPlan plan,
        List<PopulationActivity> populations,
        Cost cost,
        List<EarlyExit.Stage> exits,
        List<String> notices) {

    public Evaluation {
        predictions = List.copyOf(predictions);
        populations = List.copyOf(populations);
        exits = List.copyOf(exits);
        notices = List.copyOf(notices);
    }

    /** The densities of this run, for plans of later ones. */
    public SpikeDensities densities() {
        return new SpikeDensities(populations.stream().collect(Collectors.toMap(PopulationActivity::population,
                PopulationActivity::density)), SpikeDensities.TYPICAL.otherwise());
    }

    public double seconds() {
        return tokenizeSeconds + forwardSeconds;
    }

    public double sequencesPerSecond() {
        return predictions.size() / seconds();
    }
}
