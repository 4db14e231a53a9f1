package io.leanspike.bench.compression;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.leanspike.BackendSelection;
import io.leanspike.backend.Backend;
import io.leanspike.bench.JsonLines;
import io.leanspike.bench.Machine;
import io.leanspike.bench.Sizes;
import io.leanspike.bench.peers.Disagreement;
import io.leanspike.error.InvalidInputException;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import io.leanspike.train.nn.Torch;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Variants of one model beside its dense teacher, in one process: accuracy, SOPs, energy, bytes, timesteps and time. */
@Command(name = "compression", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = {
            "What compression did to a model: its variants beside its dense teacher in ONNX Runtime, on the same text and threads,"
                    + " timed by turns.",
            "The first --model is what the others are compared with: the uncompressed one."})
public final class BenchCompression implements Callable<Integer> {
    static final String SCHEMA = "leanspike.compression/1";
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    @Option(names = "--task", paramLabel = "TASK", required = true,
            description = "SST-2, MRPC, RTE, CoLA, STS-B, QNLI, QQP, MNLI or MNLI-mm")
    private String task;

    @Option(names = "--data", paramLabel = "PATH", required = true, description = "TSV file, the task's folder, or a GLUE folder")
    private Path data;

    @Option(names = "--split", paramLabel = "NAME", defaultValue = "dev", description = "which file of the folder")
    private String split;

    @Option(names = "--limit", paramLabel = "N", description = "only the first N examples; all unless given")
    private Optional<Integer> limit;

    @Option(names = "--teacher", paramLabel = "DIR", required = true,
            description = "the dense model, a folder that leanspike train teacher made")
    private Path teacher;

    @Option(names = "--model", paramLabel = "NAME=DIR", required = true, showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "a spiking model and what to call it; may be given again")
    private Map<String, Path> models = new LinkedHashMap<>();

    @Option(names = "--timesteps", paramLabel = "NAME=T", showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "T of the model of that name, one number or one a layer as 4,4,2,2; as its config.json says unless given")
    private Map<String, String> timesteps = new LinkedHashMap<>();

    @Option(names = "--batches", split = ",", defaultValue = "1,32", description = "sequences of a batch when timed")
    private List<Integer> batches;

    @Option(names = "--sequences", defaultValue = "128", description = "examples that are timed, evenly spread over all")
    private int sequences;

    @Option(names = "--threads", defaultValue = "2", description = "threads of everyone")
    private int threads;

    @Option(names = "--warm-ups", defaultValue = "1", description = "rounds that are run first and forgotten")
    private int warmUps;

    @Option(names = "--rounds", defaultValue = "7", description = "samples of each model")
    private int rounds;

    @Option(names = "--sample-seconds", defaultValue = "0.1", description = "least time of a sample")
    private double sampleSeconds;

    @Option(names = "--json", description = "add JSON lines to this file")
    private Optional<Path> json;

    private final PrintStream out;

    public BenchCompression(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        check();
        GlueTask glue = GlueTask.parse(task);
        Path file = glue.file(data, split);
        TaskText text = new TaskText(glue, file, GlueReader.read(glue, file, limit.orElse(Integer.MAX_VALUE)), sequences);
        Torch.useThreads(threads);
        Machine machine = Machine.here();
        List<Measured> measured = new ArrayList<>();
        try (Backend backend = BackendSelection.open("auto", "auto", threads).backend()) {
            header(machine, backend, text);
            try {
                measured.add(DenseTeacher.open(teacher, text, threads));
                models.forEach((name, folder) -> measured.add(
                        SpikingVariant.open(name, folder, Optional.ofNullable(timesteps.get(name)), text, backend)));
                Sampling sampling = new Sampling(batches, warmUps, rounds, sampleSeconds);
                List<ModelFigures> figures = measured.stream().map(Measured::figures).toList();
                List<ModelTimes> times = sampling.times(measured, text.timed());
                out.println(new CompressionTable(figures, times, batches));
                for (int i = 0; i < figures.size(); i++) {
                    record(machine, backend, text, sampling, figures.get(i), times.get(i));
                }
            } finally {
                measured.forEach(Measured::close);
            }
            return CommandLine.ExitCode.OK;
        } catch (Disagreement e) {
            out.println(e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private void check() {
        Sizes.atLeast(1, Map.of("--limit", limit.stream().toList(), "--batches", batches,
                "--sequences", List.of(sequences), "--threads", List.of(threads), "--rounds", List.of(rounds)));
        Sizes.atLeast(0, Map.of("--warm-ups", List.of(warmUps)));
        json.ifPresent(JsonLines::new);
        timesteps.keySet().stream().filter(name -> !models.containsKey(name)).findFirst().ifPresent(name -> {
            throw new InvalidInputException("--timesteps %s=%s: there is no --model of that name, only %s"
                    .formatted(name, timesteps.get(name), models.keySet()));
        });
    }

    private void header(Machine machine, Backend backend, TaskText text) {
        out.printf("%s, %d processors, load average %.2f, Java %s, commit %s%n",
                machine.cpu(), machine.processors(), machine.loadAverage(), machine.java(), machine.commit());
        machine.warning().ifPresent(out::println);
        out.printf("%s on %s, %d examples. Teacher: ONNX Runtime, float32. Variants: backend %s, %s. %d threads for everyone.%n"
                + "Time: token ids to logits of %d examples, median of %d rounds by turns ± half the distance of the quartiles.%n"
                + "SOPs: spikes x live weights. Energy: arithmetic alone at 45 nm, 0.9 pJ an AC, 4.6 pJ a MAC.%n%n",
                text.task(), text.file().getFileName(), text.examples().size(), backend.name(), backend.device(), threads, text.timed(),
                rounds);
    }

    private void record(Machine machine, Backend backend, TaskText text, Sampling sampling, ModelFigures figures, ModelTimes times) {
        json.ifPresent(path -> {
            JsonObject line = JsonLines.line(SCHEMA, machine);
            line.addProperty("device", backend.name() + " " + backend.device());
            line.addProperty("threads", threads);
            line.add("sampling", GSON.toJsonTree(sampling));
            line.addProperty("task", text.task().toString());
            line.addProperty("data", text.file().getFileName().toString());
            line.addProperty("examples", text.examples().size());
            line.addProperty("timed", text.timed());
            line.add("model", GSON.toJsonTree(figures));
            line.add("times", GSON.toJsonTree(times));
            new JsonLines(path).append(line);
        });
    }
}
