package io.leanspike.train;

import io.leanspike.error.InvalidInputException;
import io.leanspike.train.loop.Interruption;
import io.leanspike.train.loop.TrainingInterruptedException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code leanspike train}: picks the command and turns what it throws into an exit code. */
@Command(
        name = "leanspike train",
        description = "Distils pretrained BERT encoders into spiking students with few timesteps and 1.58-bit or 1-bit weights.",
        mixinStandardHelpOptions = true,
        subcommands = HelpCommand.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Exit codes: 0 fine, 1 a fault of ours or of the machine, 2 a mistake in options or files,",
            "130 ended by Ctrl-C with the state saved."})
public final class TrainCommand implements Runnable {
    private static final int OURS = 1;
    private static final int USERS = 2;

    @Spec
    private CommandSpec spec;

    private TrainCommand() {}

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        Interruption.exitOnSignals();
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), arguments));
    }

    /** Runs one command line and returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return commands(out, err)
                .setParameterExceptionHandler((mistake, all) -> line(err, mistake.getMessage() + " (see leanspike train --help)", USERS))
                .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, err))
                .execute(arguments);
    }

    /** What a command line says; nothing is run. @throws InvalidInputException when it does not say what its command needs */
    static ParseResult parsed(List<String> arguments) {
        PrintWriter unused = new PrintWriter(Writer.nullWriter());
        try {
            return commands(unused, unused).parseArgs(arguments.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new InvalidInputException("train %s: %s".formatted(String.join(" ", arguments), e.getMessage()), e);
        }
    }

    private static CommandLine commands(PrintWriter out, PrintWriter err) {
        return new CommandLine(new TrainCommand())
                .addSubcommand(new TeacherCommand(out, err))
                .addSubcommand(new GeneralCommand(out, err))
                .addSubcommand(new StudentCommand(out, err))
                .addSubcommand(new TrimCommand(out))
                .addSubcommand(new ImportanceCommand(out))
                .addSubcommand(new RunCommand(out, err))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(out)
                .setErr(err)
                .setUsageHelpWidth(100)
                .registerConverter(Path.class, TrainCommand::path);
    }

    /** An empty path is a shell variable without a value; a training would be written to where one happens to be. */
    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new TypeConversionException("the path is empty");
        }
        return Path.of(text);
    }

    private static int report(Exception failure, PrintWriter err) {
        if (failure instanceof InvalidInputException) {
            return line(err, failure.getMessage(), USERS);
        }
        if (failure instanceof TrainingInterruptedException interrupted) {
            return line(err, failure.getMessage(), interrupted.exitCode());
        }
        failure.printStackTrace(err);
        return line(err, "this is a fault of LeanSpike: %s; please report it with the lines above".formatted(failure), OURS);
    }

    private static int line(PrintWriter err, String message, int code) {
        err.println("leanspike: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
        err.flush();
        return code;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }
}
