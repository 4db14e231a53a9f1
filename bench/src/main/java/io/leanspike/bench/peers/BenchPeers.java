package io.leanspike.bench.peers;

import io.leanspike.BackendSelection;
import io.leanspike.backend.Backend;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.cpu.CpuBackend;
import io.leanspike.backend.cpu.Variant;
import io.leanspike.bench.Density;
import io.leanspike.bench.Effort;
import io.leanspike.bench.JsonLines;
import io.leanspike.bench.Machine;
import io.leanspike.bench.OpenBlas;
import io.leanspike.bench.Sizes;
import io.leanspike.bench.Spread;
import io.leanspike.error.InvalidInputException;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.train.nn.Torch;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whole models beside what a user would run instead, by turns in one process: a Markdown table, and JSON lines. */
@Command(name = "peers", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = "Runs whole models beside PyTorch and ONNX Runtime, by turns in one process.")
public final class BenchPeers implements Callable<Integer> {
    /** Samples' worth of forward passes before anything is measured. */
    private static final int COMPILING_SAMPLES = 20;

    @Option(names = "--models", split = ",", defaultValue = "SPIKINGBERT_4,MINILM,SHIPPED", description = "of ${COMPLETION-CANDIDATES}")
    private List<PeerShape> models;

    @Option(names = "--weights", split = ",", defaultValue = "F32,TERNARY",
            description = "of the encoder, but for the shipped model, which has its own: ${COMPLETION-CANDIDATES}")
    private List<WeightKind> weights;

    @Option(names = "--densities", split = ",", defaultValue = "MEASURED",
            description = "share of the units that spike in models with random weights; MEASURED: what the shipped model shows on its sample, "
                    + "in this run: ${COMPLETION-CANDIDATES}")
    private List<Density> densities;

    @Option(names = "--timesteps", split = ",", defaultValue = "1,2,4,16", description = "T")
    private List<Integer> timesteps;

    @Option(names = "--sequences", split = ",", defaultValue = "1,32", description = "B, sequences of a batch")
    private List<Integer> sequences;

    @Option(names = "--lengths", split = ",", defaultValue = "32,128", description = "L, tokens of a sequence")
    private List<Integer> lengths;

    @Option(names = "--entrants", split = ",", description = "who takes part beside the engine, of ${COMPLETION-CANDIDATES}")
    private List<Entrant> entrants = List.of(Entrant.values());

    @Option(names = "--most-gmac", defaultValue = "60",
            description = "leave out forward passes of more dense-equivalent products than this, in billions")
    private double mostGmac;

    @Option(names = "--threads", defaultValue = "2", description = "threads of everyone")
    private int threads;

    @Option(names = "--variant", description = "instruction set of the engine's kernels; the best of this machine unless given: ${COMPLETION-CANDIDATES}")
    private Optional<Variant> variant;

    @Option(names = "--warm-ups", defaultValue = "1", description = "rounds that are run first and forgotten")
    private int warmUps;

    @Option(names = "--rounds", defaultValue = "5", description = "samples of each entrant")
    private int rounds;

    @Option(names = "--sample-seconds", defaultValue = "0.1", description = "least time of a sample")
    private double sampleSeconds;

    @Option(names = "--roof-size", defaultValue = "2048", description = "rows and columns of the square products that are roofs")
    private int roofSize;

    @Option(names = "--no-roofs", description = "do not measure what the machine gives")
    private boolean noRoofs;

    @Option(names = "--no-memory", description = "do not measure memory, which takes a process for each entrant")
    private boolean noMemory;

    @Option(names = "--starts", defaultValue = "7", description = "runs of 'leanspike classify' from start to answer; 0: none")
    private int starts;

    @Option(names = "--json", description = "add JSON lines to this file")
    private Optional<Path> json;

    private final PrintStream out;

    public BenchPeers(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        check();
        Torch.useThreads(threads);
        Machine machine = Machine.here();
        Effort effort = new Effort(warmUps, rounds, sampleSeconds, roofSize);
        Map<Entrant, Backend> backends = new EnumMap<>(Entrant.class);
        try {
            backends.put(Entrant.ENGINE, backend(threads));
            backends.put(Entrant.ENGINE_1_THREAD, backend(1));
            Backend backend = backends.get(Entrant.ENGINE);
            header(machine, backend);
            PeerLines lines = new PeerLines(json, machine, backend.name() + " " + backend.device(), threads, effort);
            if (!noRoofs) {
                roofs(effort, lines);
            }
            try (ShippedModel shipped = new ShippedModel()) {
                compile(shipped, backends);
                Selection selection = new Selection(weights, densities, timesteps, sequences, lengths, EnumSet.copyOf(entrants), mostGmac, !noMemory);
                models.forEach(shape -> new ModelRuns(shape, shipped, backends, selection, effort, lines, out).run());
            }
            if (starts > 0) {
                start(lines);
            }
            return CommandLine.ExitCode.OK;
        } catch (Disagreement e) {
            out.println(e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        } finally {
            backends.values().forEach(Backend::close);
        }
    }

    private void check() {
        Sizes.atLeast(1, Map.of("--timesteps", timesteps, "--sequences", sequences, "--lengths", lengths,
                "--threads", List.of(threads), "--rounds", List.of(rounds), "--roof-size", List.of(roofSize)));
        Sizes.atLeast(0, Map.of("--warm-ups", List.of(warmUps), "--starts", List.of(starts)));
        json.ifPresent(JsonLines::new);
        if (lengths.stream().anyMatch(length -> length < 3)) {
            throw new InvalidInputException("--lengths: a sequence has a word between [CLS] and [SEP], so at least 3 tokens");
        }
        if (timesteps.stream().anyMatch(t -> t > TimestepSchedule.MAX_TIMESTEPS)) {
            throw new InvalidInputException("--timesteps: at most %d".formatted(TimestepSchedule.MAX_TIMESTEPS));
        }
        if (weights.stream().anyMatch(kind -> kind == WeightKind.F16)) {
            throw new InvalidInputException("--weights f16: the synthetic models of this benchmark have f32, i8, ternary or binary weights");
        }
    }

    private Backend backend(int count) {
        if (variant.isEmpty()) {
            return BackendSelection.open("auto", "auto", count).backend();
        }
        try {
            return new CpuBackend(count, variant.get());
        } catch (UnsupportedOperationException e) {
            throw new InvalidInputException("--variant %s is not to be had here: %s".formatted(variant.get(), e.getMessage()), e);
        }
    }

    private void header(Machine machine, Backend backend) {
        out.printf("%s, %d processors, load average %.2f, Java %s, commit %s%n",
                machine.cpu(), machine.processors(), machine.loadAverage(), machine.java(), machine.commit());
        machine.warning().ifPresent(out::println);
        out.printf("Backend %s: %s. %d threads for everyone, rounds %d after %d, by turns.%n"
                + "Median ms a sequence ± half the distance of the quartiles, how many times as fast the engine is.%n",
                backend.name(), backend.device(), threads, rounds, warmUps);
        for (Entrant entrant : Entrant.values()) {
            out.printf("%s: %s%n", entrant.title(), entrant.meaning());
        }
    }

    /**
     * Runs the engine until its Java code has been compiled: on two processors the compiler's threads would take one from what is measured first, and
     * the shortest forward passes, which meet often, would wait for the thread that is without.
     */
    private void compile(ShippedModel shipped, Map<Entrant, Backend> backends) {
        TokenBatch batch = shipped.batch(1, Math.min(lengths.getFirst(), shipped.config().maxPositions()));
        backends.values().forEach(backend -> {
            try (EngineForward forward = new EngineForward(backend, shipped, batch, timesteps.getFirst(), SpikeDensities.TYPICAL)) {
                long end = System.nanoTime() + (long) (COMPILING_SAMPLES * sampleSeconds * 1e9);
                do {
                    forward.run();
                    forward.shares(0);
                } while (System.nanoTime() < end);
            }
        });
    }

    private void roofs(Effort effort, PeerLines lines) {
        out.printf("%nRoofs (%s)%n| figure | measured |%n|---|---:|%n", OpenBlas.description());
        Map<String, Spread> roofs = MachineRoofs.measure(threads, effort);
        roofs.forEach((name, spread) -> out.printf("| %s | %s |%n", name.replace('_', ' '), spread));
        lines.append("roofs", roofs);
    }

    private void start(PeerLines lines) {
        Path launcher = Path.of(System.getProperty("leanspike.launcher", "leanspike"));
        if (!Files.isRegularFile(launcher)) {
            out.printf("%nFrom start to first answer: not measured, %s is not there (-Dleanspike.launcher names it)%n", launcher);
            return;
        }
        Spread seconds = FirstResult.measure(launcher, starts);
        out.printf("%n'leanspike classify' with the shipped model, from start to answer: %s s, %d runs%n", seconds, starts);
        lines.append("start", Map.of("seconds", seconds, "runs", starts));
    }
}
