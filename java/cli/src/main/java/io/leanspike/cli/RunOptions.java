package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.error.InvalidInputException;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/** The options of every command that runs a model. */
final class RunOptions {
    private static final List<String> BACKENDS = List.of("auto", "cpu", "cuda", "reference");

    @Option(names = "--timesteps", paramLabel = "T",
            description = "Timesteps: one number, or one for each layer separated by commas (default: the model's own).")
    private Optional<String> timesteps = Optional.empty();

    @Option(names = "--initial-potential", paramLabel = "U",
            description = "Membrane potential before the first timestep, as a share of the threshold, from 0 to below 1"
                    + " (default: the model's own). 0.5 serves few timesteps best.")
    private Optional<Double> initialPotential = Optional.empty();

    @Option(names = "--mode", paramLabel = "MODE", defaultValue = "spiking",
            description = "spiking, or equilibrium: clipped rates, the limit of many timesteps (default: ${DEFAULT-VALUE}).")
    private String mode;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "cpu (native kernels), cuda (kernels for NVIDIA GPUs), reference (plain Java, float64, slow) or auto: cpu,"
                    + " else reference (default: ${DEFAULT-VALUE}).")
    private String backend;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32", description = "Sequences a batch (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: one for each processor).")
    private Optional<Integer> threads = Optional.empty();

    @Option(names = "--device", paramLabel = "ID", defaultValue = "auto",
            description = "For --backend cuda: GPUs by number such as 0,1, auto for all of them, or soft, the software GPU: the same"
                    + " kernels interpreted on the CPU, for tests, slow (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(names = "--expected-density", paramLabel = "SHARE", defaultValue = "0.2",
            description = "Share of the units that spike in a timestep, as far as known; the plan chooses kernels by it: on a GPU, where"
                    + " adding weights beats tensor cores; on the CPU, where bit planes beat bytes (default: ${DEFAULT-VALUE}).")
    private double expectedDensity;

    /** @throws InvalidInputException when an option is out of its range */
    ModelOptions modelOptions() {
        if (!BACKENDS.contains(backend)) {
            throw new InvalidInputException("--backend: there is no '%s'; choose one of %s".formatted(backend, BACKENDS));
        }
        Mode how = mode();
        if (how == Mode.EQUILIBRIUM && (timesteps.isPresent() || initialPotential.isPresent())) {
            throw new InvalidInputException(
                    "--timesteps and --initial-potential mean nothing with --mode equilibrium, which has no timesteps: leave them out");
        }
        return new ModelOptions(backend, device, threads(),
                atLeastOne("--batch", batch), how, timesteps(), initialPotential(), densities());
    }

    private SpikeDensities densities() {
        if (!(expectedDensity >= 0 && expectedDensity <= 1)) {
            throw new InvalidInputException("--expected-density must be from 0 to 1, not " + expectedDensity);
        }
        return new SpikeDensities(Map.of(), expectedDensity);
    }

    private int threads() {
        int count = atLeastOne("--threads", threads.orElse(ModelOptions.DEFAULTS.threads()));
        if (count > ModelOptions.MOST_THREADS) {
            throw new InvalidInputException("--threads must be at most %d, not %d".formatted(ModelOptions.MOST_THREADS, count));
        }
        return count;
    }

    private Mode mode() {
        for (Mode candidate : Mode.values()) {
            if (candidate.toString().equals(mode.toLowerCase(Locale.ROOT))) {
                return candidate;
            }
        }
        throw new InvalidInputException("--mode: there is no '%s'; choose spiking or equilibrium".formatted(mode));
    }

    /** Syntax and range; whether the model has so many layers is found out when it is open. */
    private List<Integer> timesteps() {
        return timesteps.map(text -> TimestepSchedule.parse(text, text.split(",", -1).length).timesteps()).orElse(List.of());
    }

    private OptionalDouble initialPotential() {
        return initialPotential.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }

    static int atLeastOne(String option, int value) {
        if (value < 1) {
            throw new InvalidInputException("%s must be at least 1, not %d".formatted(option, value));
        }
        return value;
    }
}
