package io.leanspike.cli;

import io.leanspike.error.InvalidInputException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Stands in the list of commands for one that a checkout's launcher starts, with libraries of its own. */
abstract class FromCheckout implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "ARGUMENTS", description = "of the command; ./leanspike ${COMMAND-NAME} --help lists them")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        throw new InvalidInputException("'%s' runs from a checkout: ./leanspike %s %s".formatted(spec.name(), spec.name(),
                String.join(" ", arguments)).strip());
    }

    @Command(name = "bench", description = "Counts and times kernels and whole models, beside their peers.")
    static final class Bench extends FromCheckout {}

    @Command(name = "train", description = "Distils a pretrained BERT encoder into a spiking model.")
    static final class Train extends FromCheckout {}
}
