package io.leanspike.cli;

import io.leanspike.error.InvalidInputException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Stands in the list of commands for the benchmarks, which the launcher of a checkout starts with libraries of their own. */
@Command(name = "bench", description = "Counts and times kernels and whole models, beside their peers.")
final class BenchCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "ARGUMENTS", description = "of the benchmark; ./leanspike bench --help lists them")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        throw new InvalidInputException("benchmarks run from a checkout: ./leanspike bench " + String.join(" ", arguments));
    }
}
