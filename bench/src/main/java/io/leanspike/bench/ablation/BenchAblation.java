package io.leanspike.bench.ablation;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.leanspike.BackendSelection;
import io.leanspike.ModelOptions;
import io.leanspike.backend.Backend;
import io.leanspike.bench.JsonLines;
import io.leanspike.bench.Machine;
import io.leanspike.bench.Sizes;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.nn.Torch;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What each part of compression does alone to one model: accuracy and SOPs of every way, over several draws of calibration text. */
@Command(name = "ablation", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = "Runs every pruning criterion, reading rule and correction of quantization on one model, nothing else changed.")
public final class BenchAblation implements Callable<Integer> {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "a spiking model")
    private Path model;

    @Option(names = "--task", paramLabel = "TASK", required = true,
            description = "SST-2, MRPC, RTE, CoLA, STS-B, QNLI, QQP, MNLI or MNLI-mm")
    private String task;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "the task's folder, or a GLUE folder")
    private Path data;

    @Option(names = "--parts", split = ",", defaultValue = "PRUNING,READING,QUANTIZATION", description = "of ${COMPLETION-CANDIDATES}")
    private List<Ablation.Part> parts;

    @Option(names = "--timesteps", paramLabel = "T",
            description = "one number, or one a layer; as config.json says unless given. READING has its own")
    private Optional<String> timesteps;

    @Option(names = "--initial-potential", paramLabel = "U", description = "share of the threshold; as config.json says unless given")
    private Optional<Double> initialPotential;

    @Option(names = "--split", paramLabel = "NAME", defaultValue = "dev", description = "what scores are of")
    private String split;

    @Option(names = "--limit", paramLabel = "N", description = "only the first N examples of it; all unless given")
    private Optional<Integer> limit;

    @Option(names = "--calibration-split", paramLabel = "NAME", defaultValue = "train", description = "what calibration text is drawn from")
    private String calibrationSplit;

    @Option(names = "--calibration", paramLabel = "N", defaultValue = "200", description = "examples that are drawn")
    private int calibration;

    @Option(names = "--seeds", split = ",", defaultValue = "1,2,3", description = "a draw each, where a way looks at calibration text")
    private List<Long> seeds;

    @Option(names = "--threads", defaultValue = "2", description = "threads")
    private int threads;

    @Option(names = "--json", description = "add JSON lines to this file")
    private Optional<Path> json;

    private final PrintStream out;

    public BenchAblation(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        Sizes.atLeast(1, Map.of(
                "--calibration", List.of(calibration), "--threads", List.of(threads), "--limit", limit.stream().toList()));
        json.ifPresent(JsonLines::new);
        GlueTask glue = GlueTask.parse(task);
        List<GlueExample> report = GlueReader.read(glue, glue.file(data, split), limit.orElse(Integer.MAX_VALUE));
        List<GlueExample> drawnFrom = GlueReader.read(glue, glue.file(data, calibrationSplit), Integer.MAX_VALUE);
        Torch.useThreads(threads);
        try (Checkpoint checkpoint = Checkpoint.open(model);
                Tokenizer tokenizer = Tokenizer.open(model, checkpoint.config().maxPositions(), checkpoint.config().vocabularySize());
                Backend backend = BackendSelection.open("auto", "auto", threads).backend()) {
            Subject subject = new Subject(checkpoint, options(checkpoint.config()), backend, tokenizer, glue, report,
                    tokenizer.encode(report.stream().map(GlueExample::input).toList()), drawnFrom, calibration);
            Machine machine = Machine.here();
            out.printf("%s, T = %s, initial potential %s: %s on %d examples of %s;"
                    + " %d calibration examples of %s for each of the seeds %s%n",
                    model.getFileName(), subject.schedule().timesteps(), subject.config().spiking().initialPotential(),
                    glue.metrics().getFirst(), report.size(), split, calibration, calibrationSplit, seeds);
            for (Ablation.Part part : parts) {
                out.printf("%n" + AblationRow.TABLE_HEAD, glue.metrics().getFirst());
                part.run(subject, seeds, row -> {
                    out.println(row.tableRow());
                    record(machine, subject, part, row);
                });
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private ModelOptions options(ModelConfig config) {
        ModelOptions options = ModelOptions.DEFAULTS.withThreads(threads);
        if (timesteps.isPresent()) {
            options = options.withTimesteps(
                    TimestepSchedule.parse(timesteps.get(), config.hiddenLayers()).timesteps().toArray(Integer[]::new));
        }
        if (initialPotential.isPresent()) {
            if (!(initialPotential.get() >= 0 && initialPotential.get() < 1)) {
                throw new InvalidInputException(
                        "--initial-potential %s: from 0 to below 1, a share of the threshold".formatted(initialPotential.get()));
            }
            options = options.withInitialPotential(initialPotential.get());
        }
        return options;
    }

    private void record(Machine machine, Subject subject, Ablation.Part part, AblationRow row) {
        json.ifPresent(path -> {
            JsonObject line = JsonLines.line("leanspike.ablation/1", machine);
            line.addProperty("model", model.getFileName().toString());
            line.addProperty("task", subject.task().toString());
            line.addProperty("split", split);
            line.addProperty("examples", subject.report().size());
            line.addProperty("calibration", calibration);
            line.add("timesteps", GSON.toJsonTree(subject.schedule().timesteps()));
            line.addProperty("initial_potential", subject.config().spiking().initialPotential());
            line.addProperty("part", part.name().toLowerCase(Locale.ROOT));
            GSON.toJsonTree(row).getAsJsonObject().entrySet().forEach(entry -> line.add(entry.getKey(), entry.getValue()));
            new JsonLines(path).append(line);
        });
    }
}
