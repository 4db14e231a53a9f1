package io.leanspike.bench;

import io.leanspike.BackendSelection;
import io.leanspike.backend.Backend;
import io.leanspike.backend.Projection;
import io.leanspike.backend.WeightKind;
import io.leanspike.error.InvalidInputException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Spiking products beside dense float32 products, by turns in one process: prints a Markdown table of medians, quartiles and ratios,
 * and records JSON lines. Exit code 2 for a user's mistake.
 */
@Command(name = "side-by-side", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = "Measures spike_matmul and whole SST-2 evaluations beside OpenBLAS's sgemm, by turns in one process.")
public final class SideBySide implements Callable<Integer> {
    /** VALUE has the shape and epilogue of KEY. */
    private static final List<Projection> PROJECTIONS = List.of(
            Projection.QUERY, Projection.KEY, Projection.ATTENTION_OUTPUT, Projection.INTERMEDIATE, Projection.OUTPUT);

    @Option(names = "--threads", split = ",", defaultValue = "1,2", description = "threads of both sides")
    private List<Integer> threads;

    @Option(names = "--timesteps", split = ",", defaultValue = "4,16", description = "T")
    private List<Integer> timesteps;

    @Option(names = "--shapes", split = ",", defaultValue = "SST2_TINY,SPIKINGBERT_4",
            description = "encoder layers with random spikes: ${COMPLETION-CANDIDATES}")
    private List<ModelShape> shapes;

    @Option(names = "--weights", split = ",", defaultValue = "F32,TERNARY", description = "of those layers: ${COMPLETION-CANDIDATES}")
    private List<WeightKind> weights;

    @Option(names = "--projections", split = ",", description = "of ${COMPLETION-CANDIDATES}; all but VALUE unless given")
    private List<Projection> projections = PROJECTIONS;

    @Option(names = "--sequences", defaultValue = "8", description = "sequences of a batch with random spikes")
    private int sequences;

    @Option(names = "--length", defaultValue = "32", description = "tokens of each of them")
    private int length;

    @Option(names = "--model", defaultValue = "", description = "checkpoint for the text; sst2-tiny unless given")
    private String model;

    @Option(names = "--data", defaultValue = "", description = "SST-2's dev.tsv, or a GLUE folder")
    private String data;

    @Option(names = "--batch", defaultValue = "32", description = "sentences of a batch of text")
    private int batchSize;

    @Option(names = "--no-text", description = "random spikes only")
    private boolean noText;

    @Option(names = "--backend", defaultValue = "auto", description = "auto, cpu or reference")
    private String backendName;

    @Option(names = "--warm-ups", defaultValue = "2", description = "rounds that are run first and forgotten")
    private int warmUps;

    @Option(names = "--rounds", defaultValue = "11", description = "samples of each contender")
    private int rounds;

    @Option(names = "--sample-seconds", defaultValue = "0.1", description = "least time of a sample of one product")
    private double sampleSeconds;

    @Option(names = "--roof-size", defaultValue = "2048", description = "rows and columns of the square product that is the roof")
    private int roofSize;

    @Option(names = "--json", description = "add a JSON line for each row to this file")
    private Optional<Path> json;

    private final PrintStream out;

    SideBySide(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        Sizes.atLeast(1, Map.of("--threads", threads, "--timesteps", timesteps, "--sequences", List.of(sequences), "--length", List.of(length),
                "--batch", List.of(batchSize), "--rounds", List.of(rounds), "--roof-size", List.of(roofSize)));
        Sizes.atLeast(0, Map.of("--warm-ups", List.of(warmUps)));
        json.ifPresent(JsonLines::new);
        Optional<Sst2> sst2 = noText ? Optional.empty() : text();
        Machine machine = Machine.here();
        Effort effort = new Effort(warmUps, rounds, sampleSeconds, roofSize);
        out.printf("%s, %d processors, load average %.2f, Java %s, commit %s%n",
                machine.cpu(), machine.processors(), machine.loadAverage(), machine.java(), machine.commit());
        machine.warning().ifPresent(out::println);
        out.println(OpenBlas.description());
        out.printf("Rounds %d after %d, contenders by turns; median (quartiles). Dense-equivalent MACs; the products' time includes%n"
                + "bias, LayerNorm, GELU and membranes, sgemm's nothing but the product. Roof: sgemm %d cubed.%n",
                rounds, warmUps, roofSize);
        Optional<ResultLines> lines = json.map(file -> new ResultLines(file, machine, effort));
        for (int threadCount : threads) {
            BackendSelection selection = BackendSelection.open(backendName, "auto", threadCount);
            try (Backend backend = selection.backend()) {
                out.printf("%nBackend %s: %s%n", backend.name(), backend.device());
                selection.note().ifPresent(out::println);
                roofs(threadCount, effort);
                Consumer<Comparison> report = row -> {
                    out.println(row.tableRow());
                    lines.ifPresent(file -> file.append(row, backend.name() + " " + backend.device()));
                };
                List<Comparison> texts = sst2.map(text -> texts(text, effort, threadCount)).orElse(List.of());
                texts.forEach(row -> row.more().forEach((figure, spread) ->
                        out.printf("%s, T = %d: %s %s%n", row.subject(), row.timesteps(), figure, spread)));
                out.println(Comparison.TABLE_HEAD);
                texts.forEach(report);
                products(effort, backend, report);
            }
        }
        return CommandLine.ExitCode.OK;
    }

    /** Empty, with a notice, where nobody asked for text and there is none. */
    private Optional<Sst2> text() {
        try {
            return Optional.of(Sst2.locate(model, data));
        } catch (InvalidInputException absent) {
            if (!model.isEmpty() || !data.isEmpty()) {
                throw absent;
            }
            out.println("Random spikes only: " + absent.getMessage());
            return Optional.empty();
        }
    }

    private void roofs(int threadCount, Effort effort) {
        Roofs.absence().ifPresent(why -> out.println("No loops to compare with: " + why));
        if (Roofs.absence().isEmpty()) {
            out.printf("Loops with %s, %d threads:%n", Roofs.supported().getLast(), threadCount);
            Roofs.all(threadCount, effort).forEach((roof, spread) -> out.printf("  %-10s %s %s%n", roof, spread, roof.unit()));
        }
    }

    private List<Comparison> texts(Sst2 sst2, Effort effort, int threadCount) {
        return timesteps.stream()
                .map(t -> new TextComparison(sst2, backendName, batchSize, effort).run(threadCount, t))
                .toList();
    }

    private void products(Effort effort, Backend backend, Consumer<Comparison> report) {
        for (ModelShape shape : shapes) {
            for (WeightKind kind : weights) {
                ProductComparison comparison = new ProductComparison(backend, shape, kind, new SyntheticBatch(sequences, length), effort);
                timesteps.forEach(t -> comparison.run(projections, t, report));
            }
        }
    }
}
