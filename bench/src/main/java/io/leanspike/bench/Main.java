package io.leanspike.bench;

import io.leanspike.bench.ablation.BenchAblation;
import io.leanspike.bench.compression.BenchCompression;
import io.leanspike.bench.gpu.BenchGpu;
import io.leanspike.bench.gpu.BenchKernels;
import io.leanspike.bench.peers.BenchHistory;
import io.leanspike.bench.peers.BenchPeers;
import io.leanspike.error.InvalidInputException;
import java.io.PrintStream;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code leanspike bench}: picks the benchmark. Exit codes: 0 fine, 1 a fault of ours or of the machine, 2 a user's mistake. */
@Command(name = "leanspike bench", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "BENCHMARK",
        description = "Measures what LeanSpike does, beside what it is measured against.",
        footer = "JMH's benchmarks of single operations: bench/run jmh -h")
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        System.exit(run(System.out, arguments));
    }

    /** The exit code of a command line; what was wrong is told on standard error. */
    public static int run(PrintStream out, String... arguments) {
        return new CommandLine(new Main())
                .addSubcommand(new BenchKernels(out))
                .addSubcommand(new BenchGpu(out))
                .addSubcommand(new SideBySide(out))
                .addSubcommand(new ForwardProfile(out))
                .addSubcommand(new Tune(out))
                .addSubcommand(new BenchPeers(out))
                .addSubcommand(new BenchHistory(out))
                .addSubcommand(new BenchCompression(out))
                .addSubcommand(new BenchAblation(out))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(100)
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    if (e instanceof InvalidInputException mistake) {
                        command.getErr().println(command.getCommandName() + ": " + mistake.getMessage());
                        return CommandLine.ExitCode.USAGE;
                    }
                    throw e;
                })
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "a benchmark is needed: kernels, gpu, side-by-side, forward, peers, history, compression, ablation or tune");
    }
}
