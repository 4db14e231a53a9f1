package io.leanspike.bench.peers;

import io.leanspike.BackendSelection;
import io.leanspike.backend.Backend;
import io.leanspike.backend.Population;
import io.leanspike.backend.WeightKind;
import io.leanspike.bench.Density;
import io.leanspike.bench.Effort;
import io.leanspike.bench.Machine;
import io.leanspike.bench.OpenBlas;
import io.leanspike.bench.Spread;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.train.nn.Torch;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whole models beside what a user would run instead, by turns in one process: a Markdown table, and JSON lines. */
@Command(name = "peers", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = "Runs whole models beside PyTorch and ONNX Runtime, by turns in one process.")
public final class BenchPeers implements Callable<Integer> {
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

    @Option(names = "--entrants", split = ",", description = "who takes part beside the engine, of ${COMPLETION-CANDIDATES}; all unless given")
    private List<Entrant> entrants = List.of(Entrant.values());

    @Option(names = "--most-gmac", defaultValue = "60",
            description = "leave out forward passes of more dense-equivalent products than this, in billions")
    private double mostGmac;

    @Option(names = "--threads", defaultValue = "2", description = "threads of everyone")
    private int threads;

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
                for (PeerShape shape : models) {
                    new ModelRuns(shape, shipped, backends, effort, lines).run();
                }
            }
            if (starts > 0) {
                start(lines);
            }
            return CommandLine.ExitCode.OK;
        } finally {
            backends.values().forEach(Backend::close);
        }
    }

    private void check() {
        Map<String, List<Integer>> sizes = Map.of("--timesteps", timesteps, "--sequences", sequences, "--lengths", lengths,
                "--threads", List.of(threads), "--rounds", List.of(rounds), "--roof-size", List.of(roofSize));
        sizes.forEach((option, values) -> values.stream().filter(value -> value < 1).findFirst().ifPresent(value -> {
            throw new InvalidInputException("%s %d: at least 1 is needed".formatted(option, value));
        }));
        if (lengths.stream().anyMatch(length -> length < 3)) {
            throw new InvalidInputException("--lengths: a sequence has a word between [CLS] and [SEP], so at least 3 tokens");
        }
        if (timesteps.stream().anyMatch(t -> t > TimestepSchedule.MAX_TIMESTEPS)) {
            throw new InvalidInputException("--timesteps: at most %d".formatted(TimestepSchedule.MAX_TIMESTEPS));
        }
        if (warmUps < 0 || starts < 0) {
            throw new InvalidInputException("--warm-ups and --starts cannot be negative");
        }
        if (weights.stream().anyMatch(kind -> kind == WeightKind.F16)) {
            throw new InvalidInputException("--weights f16: the synthetic models of this benchmark have f32, i8, ternary or binary weights");
        }
    }

    private static Backend backend(int threads) {
        return BackendSelection.open("auto", "auto", threads).backend();
    }

    private void header(Machine machine, Backend backend) {
        out.printf("%s, %d processors, load average %.2f, Java %s, commit %s%n",
                machine.cpu(), machine.processors(), machine.loadAverage(), machine.java(), machine.commit());
        machine.warning().ifPresent(out::println);
        out.printf("Backend %s: %s. %d threads for everyone, rounds %d after %d, by turns; median (quartiles).%n",
                backend.name(), backend.device(), threads, rounds, warmUps);
        for (Entrant entrant : Entrant.values()) {
            out.printf("%s: %s%n", entrant.title(), entrant.meaning());
        }
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

    /** Everything about one model. */
    private final class ModelRuns {
        private final PeerShape shape;
        private final ShippedModel shipped;
        private final Map<Entrant, Backend> backends;
        private final Effort effort;
        private final PeerLines lines;
        private final List<Setting> done = new ArrayList<>();
        private int leftOut;

        ModelRuns(PeerShape shape, ShippedModel shipped, Map<Entrant, Backend> backends, Effort effort, PeerLines lines) {
            this.shape = shape;
            this.shipped = shipped;
            this.backends = backends;
            this.effort = effort;
            this.lines = lines;
        }

        void run() {
            ModelConfig config = shape.synthetic().map(known -> known.whole(1)).orElseGet(shipped::config);
            try (DensePeers dense = DensePeers.of(config, threads)) {
                out.printf("%n%s: %d layers, %d wide, %d heads, %d intermediate%n", shape, config.hiddenLayers(), config.hiddenSize(),
                        config.attentionHeads(), config.intermediateSize());
                dense.check().forEach(out::println);
                out.println("\n" + ForwardComparison.TABLE_HEAD);
                if (shape.synthetic().isPresent()) {
                    for (WeightKind kind : weights) {
                        try (SyntheticModel model = new SyntheticModel(config, kind)) {
                            synthetic(model, kind, dense);
                        }
                    }
                } else {
                    timesteps.forEach(t -> batches(shipped, "its own text", shipped.kind(), t, dense));
                }
            }
            if (leftOut > 0) {
                out.printf("%d settings of more than %.0f GMAC left out: --most-gmac%n", leftOut, mostGmac);
            }
            if (!noMemory && ResidentMemory.isKnown()) {
                memory();
            }
        }

        private void synthetic(SyntheticModel model, WeightKind kind, DensePeers dense) {
            for (Density density : densities) {
                String name = density == Density.MEASURED ? "as shipped" : "%.0f%%".formatted(100 * density.of(Population.Kind.KEY));
                for (int t : timesteps) {
                    try (CalibratedModel subject = new CalibratedModel(model, t, shares(density, t))) {
                        batches(subject, name, kind, t, dense);
                    }
                }
            }
        }

        /** What the shipped model shows on its own text is asked of the others. */
        private ToDoubleFunction<Population.Kind> shares(Density density, int t) {
            if (density != Density.MEASURED) {
                return density::of;
            }
            int length = Math.min(32, shipped.config().maxPositions());
            try (EngineForward engine = new EngineForward(backends.get(Entrant.ENGINE), shipped, shipped.batch(8, length), t, SpikeDensities.TYPICAL)) {
                Map<Population.Kind, Double> measured = engine.densities().entrySet().stream().collect(Collectors.groupingBy(
                        entry -> entry.getKey().kind(), Collectors.averagingDouble(Map.Entry::getValue)));
                return measured::get;
            }
        }

        private void batches(Checkpointed subject, String density, WeightKind kind, int t, DensePeers dense) {
            List<Setting> settings = sequences.stream().flatMap(b -> lengths.stream()
                    .filter(length -> length <= subject.config().maxPositions())
                    .map(length -> new Setting(shape.toString(), kind, density, t, b, length))).toList();
            List<Setting> small = settings.stream().filter(setting -> setting.gmac(subject.config()) <= mostGmac).toList();
            leftOut += settings.size() - small.size();
            if (small.isEmpty()) {
                return;
            }
            try (ModelComparison comparison = new ModelComparison(subject, backends, dense, EnumSet.copyOf(entrants), effort)) {
                for (Setting setting : small) {
                    ForwardComparison row = comparison.run(setting);
                    out.println(row.tableRow());
                    lines.append("forward", row);
                    done.add(setting);
                }
            }
        }

        /** Of the setting with the most tokens and timesteps, for each kind of weights. */
        private void memory() {
            Map<WeightKind, Setting> largest = new LinkedHashMap<>();
            done.forEach(setting -> largest.merge(setting.weights(), setting, (a, b) -> tokens(b) > tokens(a) ? b : a));
            out.println("\n| resident memory | weights | B x L | T | with JVM and weights alone, MiB | peak, MiB | added, MiB |\n|---|---|---:|---:|---:|---:|---:|");
            largest.values().forEach(setting -> Stream.of(Entrant.values())
                    .filter(entrant -> entrant == Entrant.ENGINE || entrants.contains(entrant))
                    .filter(entrant -> entrant != Entrant.ENGINE_1_THREAD && (entrant != Entrant.ONNX_INT8 || hasInt8()))
                    .forEach(entrant -> {
                        PeakMemory memory = PeakMemory.measure(
                                entrant, shape, setting.weights(), setting.timesteps(), setting.sequences(), setting.length(), threads);
                        out.printf("| %s, %s | %s | %d x %d | %d | %.0f | %.0f | %.0f |%n", shape, entrant.title(), setting.weights(), setting.sequences(),
                                setting.length(), setting.timesteps(), memory.before() / 1048576.0, memory.peak() / 1048576.0, memory.addedMebibytes());
                        lines.append("memory", memory);
                    }));
        }

        private boolean hasInt8() {
            return DensePeers.isMiniLm(shape.synthetic().map(known -> known.whole(1)).orElseGet(shipped::config));
        }

        private static long tokens(Setting setting) {
            return (long) setting.sequences() * setting.length() * setting.timesteps();
        }
    }
}
