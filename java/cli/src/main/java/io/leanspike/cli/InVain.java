package io.leanspike.cli;

import io.leanspike.error.InvalidInputException;
import java.util.Collection;
import picocli.CommandLine.Model.CommandSpec;

/** Options that another option leaves without effect. */
final class InVain {
    private InVain() {}

    /**
     * @param spec of the command that is running
     * @param why what leaves the options without effect
     * @throws InvalidInputException when one of the options was given
     */
    static void refuse(CommandSpec spec, Collection<String> options, String why) {
        options.stream().filter(spec.commandLine().getParseResult()::hasMatchedOption).findFirst().ifPresent(option -> {
            throw new InvalidInputException("%s: leave %s out".formatted(why, option));
        });
    }
}
