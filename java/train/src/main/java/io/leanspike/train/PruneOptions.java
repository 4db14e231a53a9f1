package io.leanspike.train;

import io.leanspike.compress.PruningPlan;
import io.leanspike.error.InvalidInputException;
import io.leanspike.train.prune.GradualPruning;
import io.leanspike.train.prune.PruningCriterion;
import io.leanspike.train.prune.PruningSchedule;
import io.leanspike.train.student.Student;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say what a student loses while it trains. */
final class PruneOptions {
    @Option(names = "--prune-heads", paramLabel = "SHARE",
            description = "Attention heads that go, from 0 to below 1 (default: ${DEFAULT-VALUE}).")
    private double heads = 0;

    @Option(names = "--prune-neurons", paramLabel = "SHARE",
            description = "Intermediate neurons that go, from 0 to below 1 (default: ${DEFAULT-VALUE}).")
    private double neurons = 0;

    @Option(names = "--prune-from", paramLabel = "SHARE",
            description = "Of the training, before the first goes (default: ${DEFAULT-VALUE}).")
    private double from = 0.1;

    @Option(names = "--prune-until", paramLabel = "SHARE",
            description = "Of the training, when the last has gone; the rest is recovery (default: ${DEFAULT-VALUE}).")
    private double until = 0.6;

    @Option(names = "--prune-by", paramLabel = "CRITERION",
            description = "What tells how much a unit matters: taylor (gradients), activity (spikes) or magnitude (default: ${DEFAULT-VALUE}).")
    private PruningCriterion.Known criterion = PruningCriterion.Known.TAYLOR;

    @Option(names = "--prune-across", paramLabel = "LAYERS",
            description = "uniform: each layer loses the same share; global: all compete (default: ${DEFAULT-VALUE}).")
    private PruningPlan.Allocation allocation = PruningPlan.Allocation.UNIFORM;

    /** Whether anything shall go. @throws InvalidInputException when a share is out of range */
    boolean isAsked() {
        if (!(heads >= 0 && heads < 1 && neurons >= 0 && neurons < 1)) {
            throw new InvalidInputException("--prune-heads and --prune-neurons must be from 0 to below 1");
        }
        if (!(from >= 0 && from <= until && until <= 1)) {
            throw new InvalidInputException("--prune-from and --prune-until: 0 <= from <= until <= 1");
        }
        return heads > 0 || neurons > 0;
    }

    /** What prunes a student. @throws InvalidInputException when more is gone already than is asked for */
    Optional<GradualPruning> pruning(Student student) {
        if (!isAsked()) {
            return Optional.empty();
        }
        GradualPruning pruning = new GradualPruning(
                new GradualPruning.Settings(heads, neurons, new PruningSchedule.Cubic(from, until), criterion, allocation),
                student.config(), student.masks());
        if (pruning.headsAtFirst() > heads + 1e-9 || pruning.neuronsAtFirst() > neurons + 1e-9) {
            throw new InvalidInputException(
                    "--prune-heads %s --prune-neurons %s: of the student in --start %.4f of the heads, %.4f of the neurons are gone already"
                            .formatted(heads, neurons, pruning.headsAtFirst(), pruning.neuronsAtFirst()));
        }
        return Optional.of(pruning);
    }

    @Override
    public String toString() {
        return isAsked()
                ? "heads %s and neurons %s pruned from %s until %s by %s, %s".formatted(heads, neurons, from, until, criterion, allocation)
                : "nothing pruned";
    }
}
