package io.leanspike.bench;

import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Projection;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.cpu.CpuBackend;
import io.leanspike.backend.cpu.NativeLibrary;
import io.leanspike.backend.cpu.Variant;
import io.leanspike.error.InvalidInputException;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.KernelCost;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the kernels of {@code spike_matmul} and writes the costs by which the planner chooses among them. */
@Command(name = "tune", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = "Measures the CPU's kernels over density, shape and rows on one core, and writes the costs by which the planner"
                + " chooses among them. The choice changes no result, only the time.")
public final class Tune implements Callable<Integer> {
    private static final double[] DENSITIES = {0.05, 0.2, 0.5};
    private static final List<Projection> PROJECTIONS = List.of(Projection.INTERMEDIATE, Projection.OUTPUT);
    /** Tokens and timesteps: many rows, a short text at one timestep, and so few that bringing the weights is what takes the time. */
    private static final int[][] ROWS = {{64, 4}, {64, 1}, {16, 1}};

    @Option(names = "--out", description = "the file; unless given, where every run looks for it:"
            + " -D" + CostFile.PROPERTY + "=FILE, else $XDG_CONFIG_HOME/leanspike/cpu-costs.json, else ~/.config/leanspike/cpu-costs.json")
    private Optional<Path> file;

    @Option(names = "--force", description = "overwrite the file")
    private boolean force;

    @Option(names = "--shape", defaultValue = "SPIKINGBERT_4", description = "of the encoder layer: ${COMPLETION-CANDIDATES}")
    private ModelShape shape;

    @Option(names = "--variants", split = ",", description = "of the kernels: ${COMPLETION-CANDIDATES}; all that run here unless given")
    private List<Variant> variants = Arrays.stream(Variant.values()).filter(NativeLibrary::supports).toList();

    @Option(names = "--rounds", defaultValue = "5", description = "measurements of each product")
    private int rounds;

    private final PrintStream out;

    Tune(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        NativeLibrary.absence().ifPresent(why -> {
            throw new InvalidInputException("there are no CPU kernels to measure: " + why);
        });
        Sizes.atLeast(1, Map.of("--rounds", List.of(rounds)));
        Path target = file.orElseGet(CostFile::location);
        if (Files.isDirectory(target)) {
            throw new InvalidInputException(target + " cannot be written: it is a folder");
        }
        if (Files.exists(target) && !force) {
            throw new InvalidInputException(target + " is there already: add --force to overwrite it, or name another by --out");
        }
        Machine machine = Machine.here();
        out.printf("%s, load average %.2f%n", machine.cpu(), machine.loadAverage());
        machine.warning().ifPresent(out::println);
        out.printf("One core, layer %s: picoseconds a weight (once a tile), a weight and row, and more where the input spikes; error of the fit%n"
                + "%-18s %-8s %-7s %10s %10s %10s %7s%n", shape, "variant", "weights", "kernel", "weight", "mac", "spike", "error");
        List<KernelCost> kernels = new ArrayList<>();
        for (WeightKind kind : WeightKind.values()) {
            if (kind == WeightKind.F16) {
                continue; // the CPU's kernels read it as float32
            }
            try (SyntheticModel model = new SyntheticModel(shape.layers(KernelTiming.LAYERS, 1), kind)) {
                for (Variant variant : variants) {
                    kernels.addAll(measure(variant, kind, model));
                }
            }
        }
        CostFile.write(target, machine.cpu(), new CostModel(CostModel.DEFAULT.cacheBytes(), kernels));
        out.printf("written: %s%n", target);
        return CommandLine.ExitCode.OK;
    }

    private List<KernelCost> measure(Variant variant, WeightKind kind, SyntheticModel model) {
        List<KernelCost> kernels = new ArrayList<>();
        try (CpuBackend backend = new CpuBackend(1, variant); LoadedModel loaded = backend.load(model.config(), model.weights())) {
            for (CpuMatmul kernel : CpuMatmul.of(model.weights().layers().getFirst().query().weight())) {
                CostFit fit = new CostFit(3);
                for (Projection projection : PROJECTIONS) {
                    double weights = (double) model.config().hiddenSize() * model.config().intermediateSize();
                    for (int[] rows : ROWS) {
                        for (double density : DENSITIES) {
                            try (KernelTiming timing = new KernelTiming(model.config(), loaded, projection, kernel, rows[0], rows[1], density)) {
                                double macs = weights * rows[0] * rows[1];
                                fit.add(1e12 * timing.seconds(rounds), weights, macs, macs * density);
                            }
                        }
                    }
                }
                double[] costs = fit.costs();
                KernelCost cost = new KernelCost(variant.toString(), kind, kernel, costs[0], costs[1], costs[2]);
                out.printf("%-18s %-8s %-7s %10.3g %10.3g %10.3g %6.1f%%%n", variant, kind, kernel, cost.weight(), cost.mac(), cost.spike(),
                        100 * fit.error(costs));
                kernels.add(cost);
            }
        }
        return kernels;
    }
}
