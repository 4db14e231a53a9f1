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

    @Option(names = "--exit-timesteps", paramLabel = "T", defaultValue = "2",
            description = "For --early-exit: timesteps after which a sequence may leave, rising, separated by commas"
                    + " (default: ${DEFAULT-VALUE}).")
    private String timesteps;

    /** @throws InvalidInputException when an option is out of its range */
    EarlyExit earlyExit() {
        if (margin.isEmpty()) {
            return EarlyExit.NEVER;
        }
        try {
            return new EarlyExit(margin.get(), TimestepSchedule.parse(timesteps, timesteps.split(",", -1).length).timesteps());
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("--early-exit: " + e.getMessage(), e);
        }
    }
}
