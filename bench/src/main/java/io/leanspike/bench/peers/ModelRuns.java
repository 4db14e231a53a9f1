package io.leanspike.bench.peers;

import io.leanspike.backend.Backend;
import io.leanspike.backend.Population;
import io.leanspike.backend.WeightKind;
import io.leanspike.bench.Density;
import io.leanspike.bench.Effort;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.SpikeDensities;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that a run measures of one model, printed and recorded as soon as it is there. */
final class ModelRuns {
    /** The batch of the shipped model's own text that its densities are taken from. */
    private static final int SAMPLE_SEQUENCES = 8;
    private static final int SAMPLE_LENGTH = 32;

    private final PeerShape shape;
    private final ShippedModel shipped;
    private final ModelConfig config;
    private final Map<Entrant, Backend> backends;
    private final Selection selection;
    private final Effort effort;
    private final PeerLines lines;
    private final PrintStream out;
    private final List<Setting> done = new ArrayList<>();
    private int leftOut;

    /** @param backends of the two engine entrants */
    ModelRuns(PeerShape shape, ShippedModel shipped, Map<Entrant, Backend> backends, Selection selection, Effort effort, PeerLines lines,
            PrintStream out) {
        this.shape = shape;
        this.shipped = shipped;
        this.backends = backends;
        this.selection = selection;
        this.effort = effort;
        this.lines = lines;
        this.out = out;
        config = shape.synthetic().map(known -> known.whole(1)).orElseGet(shipped::config);
    }

    /** @throws Disagreement when a peer does not compute what it claims; it is not timed then */
    void run() {
        try (DensePeers dense = DensePeers.of(config, lines.threads())) {
            out.printf("%n%s: %d layers, %d wide, %d heads, %d intermediate%n", shape, config.hiddenLayers(), config.hiddenSize(),
                    config.attentionHeads(), config.intermediateSize());
            dense.check().forEach(out::println);
            out.println("\n" + ForwardComparison.TABLE_HEAD);
            if (shape.synthetic().isPresent()) {
                for (WeightKind kind : selection.weights()) {
                    try (SyntheticModel model = new SyntheticModel(config, kind)) {
                        synthetic(model, kind, dense);
                    }
                }
            } else {
                selection.timesteps().forEach(t -> batches(shipped, "own text", shipped.kind(), t, dense));
            }
        }
        if (leftOut > 0) {
            out.printf("%d settings of more than %.0f GMAC left out: --most-gmac%n", leftOut, selection.mostGmac());
        }
        if (selection.memory() && ResidentMemory.isKnown() && !done.isEmpty()) {
            memory();
        }
    }

    private void synthetic(SyntheticModel model, WeightKind kind, DensePeers dense) {
        for (Density density : selection.densities()) {
            String name = density == Density.MEASURED ? "as shipped" : "%.0f%%".formatted(100 * density.of(Population.Kind.KEY));
            for (int t : selection.timesteps()) {
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
        int length = Math.min(SAMPLE_LENGTH, shipped.config().maxPositions());
        try (EngineForward engine = new EngineForward(backends.get(Entrant.ENGINE), shipped, shipped.batch(SAMPLE_SEQUENCES, length), t,
                SpikeDensities.TYPICAL)) {
            Map<Population.Kind, Double> measured = engine.densities().entrySet().stream().collect(Collectors.groupingBy(
                    entry -> entry.getKey().kind(), Collectors.averagingDouble(Map.Entry::getValue)));
            return measured::get;
        }
    }

    private void batches(Checkpointed subject, String density, WeightKind kind, int t, DensePeers dense) {
        List<Setting> settings = selection.sequences().stream().flatMap(b -> selection.lengths().stream()
                .filter(length -> length <= subject.config().maxPositions())
                .map(length -> new Setting(shape.toString(), kind, density, t, b, length))).toList();
        List<Setting> small = settings.stream().filter(setting -> setting.gmac(subject.config()) <= selection.mostGmac()).toList();
        leftOut += settings.size() - small.size();
        if (small.isEmpty()) {
            return;
        }
        try (ModelComparison comparison = new ModelComparison(subject, t, backends, dense, selection, effort)) {
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
        out.println("\nResident memory, each in a process of its own\n" + PeakMemory.TABLE_HEAD);
        largest.values().forEach(setting -> Stream.of(Entrant.values())
                .filter(entrant -> selection.has(entrant) && entrant != Entrant.ENGINE_1_THREAD)
                .filter(entrant -> entrant != Entrant.ONNX_INT8 || DensePeers.isMiniLm(config))
                .forEach(entrant -> {
                    PeakMemory memory = PeakMemory.measure(
                            entrant, shape, setting.weights(), setting.timesteps(), setting.sequences(), setting.length(), lines.threads());
                    out.println(memory.tableRow());
                    lines.append("memory", memory);
                }));
    }

    private static long tokens(Setting setting) {
        return (long) setting.sequences() * setting.length() * setting.timesteps();
    }
}
