package io.leanspike.bench;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.cpu.CpuBackend;
import io.leanspike.backend.cpu.NativeLibrary;
import io.leanspike.backend.cpu.Variant;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.BatchShape;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whole forward passes on the CPU, from ids to logits, and where their time goes, operation by operation. */
@Command(name = "forward", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = "Measures whole forward passes of a model with random weights, and the share of the time that each operation takes.")
public final class ForwardProfile implements Callable<Integer> {
    private static final String MILLIS = "ms";
    private static final String PRODUCTS = "products_gmacs";
    private static final String SHARE = "share ";
    private static final double INITIAL_POTENTIAL = 0.5;

    @Option(names = "--shape", defaultValue = "SPIKINGBERT_4", description = "${COMPLETION-CANDIDATES}")
    private ModelShape shape;

    @Option(names = "--layers", description = "as many as the model has, unless given")
    private Optional<Integer> layers;

    @Option(names = "--weights", split = ",", defaultValue = "TERNARY", description = "${COMPLETION-CANDIDATES}")
    private List<WeightKind> weights;

    @Option(names = "--timesteps", split = ",", defaultValue = "1,2,4,16", description = "T")
    private List<Integer> timesteps;

    @Option(names = "--sequences", split = ",", defaultValue = "1", description = "sequences of a batch")
    private List<Integer> sequences;

    @Option(names = "--length", defaultValue = "128", description = "tokens of each of them")
    private int length;

    @Option(names = "--threads", split = ",", defaultValue = "1,2", description = "threads")
    private List<Integer> threads;

    @Option(names = "--kept-heads", split = ",", defaultValue = "1", description = "share of the heads that pruning leaves, each with each of the next")
    private List<Double> keptHeads;

    @Option(names = "--kept-neurons", split = ",", defaultValue = "1", description = "share of the intermediate neurons that pruning leaves")
    private List<Double> keptNeurons;

    @Option(names = "--variant", description = "of the kernels: ${COMPLETION-CANDIDATES}; the best of this machine unless given")
    private Optional<Variant> variant;

    @Option(names = "--warm-ups", defaultValue = "2", description = "rounds that are run first and forgotten")
    private int warmUps;

    @Option(names = "--rounds", defaultValue = "9", description = "samples of each setting")
    private int rounds;

    @Option(names = "--sample-seconds", defaultValue = "0.05", description = "least time of a sample")
    private double sampleSeconds;

    @Option(names = "--json", description = "add a JSON line for each setting to this file")
    private Optional<Path> json;

    private final PrintStream out;

    ForwardProfile(PrintStream out) {
        this.out = out;
    }

    /** One setting, measured by turns with the others. */
    private final class Setting implements Contender {
        private final String name;
        private final Kept kept;
        private final int ownThreads;
        private final int t;
        private final TokenBatch tokens;
        private final CpuBackend backend;
        private final LoadedModel loaded;
        private final Planner planner;

        Setting(SyntheticModel model, Kept kept, int ownThreads, int t, int batch) {
            this.kept = kept;
            this.ownThreads = ownThreads;
            this.t = t;
            tokens = new SyntheticBatch(batch, length).tokens(model.config().vocabularySize());
            name = name(kept);
            backend = variant.map(v -> new CpuBackend(ownThreads, v)).orElseGet(() -> new CpuBackend(ownThreads));
            loaded = backend.load(model.config(), model.weights());
            planner = new Planner(model.config(), model.weights(), TimestepSchedule.uniform(t, model.config().hiddenLayers()), Mode.SPIKING,
                    INITIAL_POTENTIAL, CostFile.load(), SpikeDensities.TYPICAL, backend);
        }

        /** What it is called, and what it would be called if other structure were kept. */
        private String name(Kept some) {
            return "%d threads, T = %d, %d x %d tokens, %s".formatted(ownThreads, t, tokens.sequences(), length, some);
        }

        /** Milliseconds of a forward pass (planning included), GMAC/s of its products, and the share of each operation. */
        @Override
        public Map<String, Double> sample() {
            Map<String, Long> nanos = new TreeMap<>();
            forward(new TreeMap<>());
            long start = System.nanoTime();
            double elapsed;
            double gmac = 0;
            int passes = 0;
            do {
                gmac += forward(nanos);
                passes++;
                elapsed = (System.nanoTime() - start) * 1e-9;
            } while (elapsed < sampleSeconds);
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put(name + MILLIS, 1e3 * elapsed / passes);
            figures.put(name + PRODUCTS, gmac / (nanos.get("spike_matmul") * 1e-9));
            double rest = 1;
            for (Map.Entry<String, Long> operation : nanos.entrySet()) {
                double share = operation.getValue() * 1e-9 / elapsed;
                figures.put(name + SHARE + operation.getKey(), share);
                rest -= share;
            }
            figures.put(name + SHARE + "rest", rest);
            return figures;
        }

        private double forward(Map<String, Long> nanos) {
            double gmac = 0;
            ExecutionPlan plan = planner.plan(BatchShape.of(tokens));
            try (BatchRun run = loaded.begin(tokens, Retention.NONE)) {
                long before = System.nanoTime();
                for (KernelCall call : plan.calls()) {
                    run.execute(List.of(call));
                    long after = System.nanoTime();
                    nanos.merge(call.operation(), after - before, Long::sum);
                    before = after;
                    gmac += Work.productGmac(call, tokens.rows());
                }
                run.logits();
            }
            return gmac;
        }

        /** Dense-equivalent billions of a forward pass. */
        double products() {
            return planner.plan(BatchShape.of(tokens)).calls().stream().mapToDouble(call -> Work.productGmac(call, tokens.rows())).sum();
        }

        void close() {
            loaded.close();
            backend.close();
        }
    }

    @Override
    public Integer call() {
        Sizes.atLeast(1, Map.of("--layers", layers.stream().toList(), "--threads", threads, "--timesteps", timesteps,
                "--sequences", sequences, "--length", List.of(length), "--rounds", List.of(rounds)));
        Sizes.atLeast(0, Map.of("--warm-ups", List.of(warmUps)));
        json.ifPresent(JsonLines::new);
        NativeLibrary.absence().ifPresent(why -> {
            throw new InvalidInputException("there are no CPU kernels to measure: " + why);
        });
        Machine machine = Machine.here();
        out.printf("%s, %d processors, load average %.2f, commit %s%n", machine.cpu(), machine.processors(), machine.loadAverage(), machine.commit());
        machine.warning().ifPresent(out::println);
        weights.forEach(kind -> measure(kind, machine));
        return CommandLine.ExitCode.OK;
    }

    private void measure(WeightKind kind, Machine machine) {
        List<Setting> settings = new ArrayList<>();
        ModelConfig whole = shape.layers(layers.orElse(shape.layers()), 1);
        if (length > whole.maxPositions()) {
            throw new InvalidInputException("--length %d: %s has %d positions".formatted(length, shape, whole.maxPositions()));
        }
        Map<Kept, SyntheticModel> models = new LinkedHashMap<>();
        try {
            keptHeads.forEach(heads -> keptNeurons.forEach(neurons ->
                    models.computeIfAbsent(new Kept(heads, neurons), kept -> new SyntheticModel(kept.of(whole), kind))));
            for (int batch : sequences) {
                for (int t : timesteps) {
                    threads.forEach(count -> models.forEach((kept, model) -> settings.add(new Setting(model, kept, count, t, batch))));
                }
            }
            Rounds measured = Rounds.run(new ArrayList<>(settings), warmUps, rounds);
            out.printf("%n%s, %d layers, %s weights, %s: median (quartiles)%n", shape, whole.hiddenLayers(), kind,
                    settings.getFirst().backend.variant());
            settings.forEach(setting -> report(setting, settings, kind, measured, machine));
        } finally {
            settings.forEach(Setting::close);
            models.values().forEach(SyntheticModel::close);
        }
    }

    private void report(Setting setting, List<Setting> settings, WeightKind kind, Rounds measured, Machine machine) {
        Map<String, Spread> shares = new LinkedHashMap<>();
        measured.figures(setting.name + SHARE).forEach(operation -> shares.put(operation, measured.spread(setting.name + SHARE + operation)));
        Spread millis = measured.spread(setting.name + MILLIS);
        Spread products = measured.spread(setting.name + PRODUCTS);
        out.printf("%s: %s ms, products %s GMAC/s%n   ", setting.name, millis, products);
        shares.forEach((operation, share) -> out.printf(" %s %.1f%%", operation, 100 * share.median()));
        out.println();
        Optional<Setting> whole = settings.stream().filter(other -> other != setting && other.name.equals(setting.name(Kept.ALL))).findFirst();
        Optional<Spread> ofWhole = whole.map(other -> measured.ratio(setting.name + MILLIS, other.name + MILLIS));
        ofWhole.ifPresent(share -> out.printf("    %s of the time without pruning, for %.2f of its products%n",
                share, setting.products() / whole.orElseThrow().products()));
        json.ifPresent(file -> {
            JsonObject line = JsonLines.line(1, machine);
            line.addProperty("device", "cpu " + setting.backend.device());
            line.addProperty("subject", "forward of " + shape + ", " + kind + " weights");
            line.addProperty("threads", setting.ownThreads);
            line.addProperty("timesteps", setting.t);
            line.addProperty("sequences", setting.tokens.sequences());
            line.addProperty("length", length);
            line.addProperty("kept_heads", setting.kept.heads());
            line.addProperty("kept_neurons", setting.kept.neurons());
            line.addProperty("rounds", rounds);
            Gson gson = new Gson();
            line.add("milliseconds", gson.toJsonTree(millis));
            line.add("products", gson.toJsonTree(products));
            line.add("shares", gson.toJsonTree(shares));
            ofWhole.ifPresent(share -> line.add("of_unpruned_time", gson.toJsonTree(share)));
            whole.ifPresent(other -> line.addProperty("of_unpruned_products", setting.products() / other.products()));
            new JsonLines(file).append(line);
        });
    }
}
