package io.leanspike.cli;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code leanspike}: picks the command and turns what it throws into an exit code. */
@Command(
        name = "leanspike",
        description = "Runs compressed spiking language models fast, and measures them honestly.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = HelpCommand.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Start with:",
            "  leanspike eval                     the bundled model on a bundled sample",
            "  leanspike classify \"a warm film\"   what it says of a sentence",
            "  leanspike doctor                   what of this machine it can use",
            "",
            "Exit codes: 0 fine, 1 a fault of ours or of the machine, 2 a mistake in options or files."
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        System.exit(run(Streams.ofProcess(), arguments));
    }

    /** Runs one command line and returns its exit code. */
    static int run(Streams streams, String... arguments) {
        CommandLine commands = new CommandLine(new Main())
                .addSubcommand(new EvalCommand(streams))
                .addSubcommand(new ClassifyCommand(streams))
                .addSubcommand(new ForwardCommand(streams))
                .addSubcommand(new CommandLine(new CompressCommand())
                        .addSubcommand(new PruneCommand(streams)).addSubcommand(new QuantizeCommand(streams))
                        .addSubcommand(new ScheduleCommand(streams))
                        .addSubcommand(new SearchCommand(streams)).addSubcommand(new ApplyCommand(streams))
                        .addSubcommand(new InspectCommand(streams)).addSubcommand(new DiffCommand(streams)))
                .addSubcommand(new FromCheckout.Train())
                .addSubcommand(new FromCheckout.Bench())
                .addSubcommand(new DoctorCommand(streams))
                .setOut(new PrintWriter(new OutputStreamWriter(streams.out(), StandardCharsets.UTF_8)))
                .setErr(streams.err())
                .setUsageHelpWidth(100)
                .registerConverter(Path.class, Main::path)
                .setParameterExceptionHandler((mistake, all) -> Failures.report(mistake, streams.err()))
                .setExecutionExceptionHandler((failure, command, parsed) -> Failures.report(failure, streams.err()));
        try {
            return commands.execute(arguments);
        } catch (Error failure) {
            return Failures.report(failure, streams.err());
        }
    }

    /** An empty path is a shell variable without a value, not the folder one is in. */
    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new TypeConversionException("the path is empty");
        }
        return Path.of(text);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }
}
