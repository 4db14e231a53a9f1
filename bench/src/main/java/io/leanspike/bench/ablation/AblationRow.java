package io.leanspike.bench.ablation;

import io.leanspike.eval.Evaluation;
import java.util.List;

/**
 * One way of doing one change.
 *
 * @param change what is done, as {@code half of the neurons}
 * @param way how, as {@code activity}
 * @param seeds of calibration text; empty where nothing random enters
 * @param scores the task's main metric, one a run: of each seed, of each schedule, or one alone
 * @param sops synaptic operations a sequence, likewise
 */
record AblationRow(String change, String way, List<Long> seeds, List<Double> scores, List<Double> sops) {
    static final String TABLE_HEAD = "| change | way | %s | least..most | runs | SOPs a sequence |%n|---|---|--:|--:|--:|--:|%n";

    static AblationRow of(String change, String way, List<Long> seeds, List<Evaluation> runs) {
        return new AblationRow(change, way, seeds, runs.stream().map(run -> run.metrics().values().iterator().next()).toList(),
                runs.stream().map(run -> (double) run.cost().synapticOperations() / run.predictions().size()).toList());
    }

    /** A line of the Markdown table under {@link #TABLE_HEAD}: the mean, and the spread of several runs. */
    String tableRow() {
        double least = scores.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double most = scores.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return "| %s | %s | %.2f | %s | %d | %.2f M |".formatted(change, way, 100 * mean(scores),
                scores.size() == 1 ? "" : "%.2f..%.2f".formatted(100 * least, 100 * most), scores.size(), 1e-6 * mean(sops));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
