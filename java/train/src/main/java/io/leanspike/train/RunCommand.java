package io.leanspike.train;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs a recipe: a text file with one stage a line, each a command of leanspike train with its options.",
            "Lines that start with # are comments; a line that ends in \\ goes on in the next; $NAME stands for what --set NAME=VALUE says.",
            "Run it again after an interruption: finished stages are passed over, the interrupted one continues.", ""
        })
final class RunCommand implements Callable<Integer> {
    private static final Pattern VARIABLE = Pattern.compile("\\$([A-Z_]+)");
    /** Stages that are no trainings: what they make appears at the end, as a whole. */
    private static final Set<String> IN_ONE_GO = Set.of("trim", "importance");

    private final PrintWriter out;
    private final PrintWriter err;

    @Parameters(paramLabel = "RECIPE", description = "The recipe file.")
    private Path recipe;

    @Option(names = "--set", paramLabel = "NAME=VALUE", description = "What $NAME stands for; may be given again.")
    private Map<String, String> values = new LinkedHashMap<>();

    RunCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        List<List<String>> stages = stages(recipe, values).stream().map(RunCommand::continued).toList();
        // All of them before the first: a mistake in the last would show after hours.
        List<ParseResult> parsed = stages.stream().map(TrainCommand::parsed).toList();
        for (int i = 0; i < stages.size(); i++) {
            if (isMade(parsed.get(i))) {
                continue;
            }
            err.println("leanspike: train " + String.join(" ", stages.get(i)));
            int code = TrainCommand.run(out, err, stages.get(i).toArray(String[]::new));
            if (code != 0) {
                return code;
            }
        }
        return 0;
    }

    private static List<String> continued(List<String> stage) {
        return IN_ONE_GO.contains(stage.getFirst()) ? stage : Stream.concat(stage.stream(), Stream.of("--resume")).toList();
    }

    /** Trainings know themselves whether they have ended. */
    private static boolean isMade(ParseResult stage) {
        return stage.hasSubcommand() && IN_ONE_GO.contains(stage.subcommand().commandSpec().name())
                && Files.exists(stage.subcommand().<Path>matchedOptionValue("--out", null));
    }

    /**
     * @return the stages' command lines
     * @throws InvalidInputException when the file cannot be read, has none, or uses a variable that has no value
     */
    static List<List<String>> stages(Path recipe, Map<String, String> values) {
        List<List<String>> stages = new ArrayList<>();
        String text;
        try {
            text = Files.readString(recipe).replaceAll("\\\\\\R", " ");
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(recipe, FileFailure.words(e)), e);
        }
        for (String line : text.lines().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).toList()) {
            // Split first: a value may have spaces.
            stages.add(Arrays.stream(line.split("\\s+")).map(word -> VARIABLE.matcher(word).replaceAll(
                    variable -> value(recipe, variable, values))).toList());
        }
        if (stages.isEmpty()) {
            throw new InvalidInputException(recipe + ": the recipe has no stages");
        }
        return stages;
    }

    private static String value(Path recipe, MatchResult variable, Map<String, String> values) {
        String value = values.get(variable.group(1));
        if (value == null) {
            throw new InvalidInputException("%s: $%s is used, but --set %s=... is not given"
                    .formatted(recipe, variable.group(1), variable.group(1)));
        }
        return Matcher.quoteReplacement(value);
    }
}
