package io.leanspike.cli;

import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.EarlyExit;
import io.leanspike.schedule.TimestepSchedule;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that let sequences leave before the last timestep. */
final class ExitOptions {
    @Option(names = "--early-exit", paramLabel = "MARGIN",
            description = "Let a sequence leave with few timesteps where its two largest probabilities are so far apart, from 0 to 1;"
                    + " the others run again with more (default: all run with all timesteps).")
    private Optional<Double> margin = Optional.empty();

    @Option(names = "--exit-timesteps", paramLabel = "T",
            description = "For --early-exit: timesteps after which a sequence may leave, rising, separated by commas"
                    + " (default: 2).")
    private Optional<String> timesteps = Optional.empty();

    /** @throws InvalidInputException when an option is out of its range */
    EarlyExit earlyExit() {
        if (margin.isEmpty()) {
            timesteps.ifPresent(unused -> {
                throw new InvalidInputException(
                        "--exit-timesteps needs --early-exit: say how settled a decision must be, as in --early-exit 0.8");
            });
            return EarlyExit.NEVER;
        }
        try {
            String steps = timesteps.orElse("2");
            return new EarlyExit(margin.get(), TimestepSchedule.parse(steps, steps.split(",", -1).length).timesteps());
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("--early-exit: " + e.getMessage(), e);
        }
    }
}
