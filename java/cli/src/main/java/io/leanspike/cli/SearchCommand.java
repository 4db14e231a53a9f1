package io.leanspike.cli;

import com.google.gson.JsonObject;
import io.leanspike.BackendSelection;
import io.leanspike.ModelOptions;
import io.leanspike.backend.Backend;
import io.leanspike.compress.UnitImportance;
import io.leanspike.compress.search.Candidate;
import io.leanspike.compress.search.CandidateEvaluation;
import io.leanspike.compress.search.CandidateModels;
import io.leanspike.compress.search.CompressionSearch;
import io.leanspike.compress.search.EvaluationJournal;
import io.leanspike.compress.search.Outcome;
import io.leanspike.compress.search.SearchCost;
import io.leanspike.compress.search.SearchPart;
import io.leanspike.compress.search.SearchSpace;
import io.leanspike.compress.search.TaskExamples;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.text.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Looks for models that cost little within an accuracy budget: heads, neurons, timesteps, bits, threshold and initial potential"
                    + " together (NSGA-II). Writes search.json, search.csv and search.html; leanspike compress apply makes a model of a"
                    + " point.",
            "Search on other data than you report: --split train --limit 1000. A search that was killed goes on by --resume, to the same"
                    + " front; more --generations may be given then.", ""
        })
final class SearchCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder for the search: new, or empty.")
    private Path out;

    @Option(names = "--cost", paramLabel = "NAME", split = ",", defaultValue = "sops",
            description = "What to lower, one or several separated by commas: sops, energy, bytes, or latency, which is measured by turns with"
                    + " the uncompressed model and differs from run to run (default: ${DEFAULT-VALUE}).")
    private List<String> costs;

    @Option(names = "--budget", paramLabel = "POINTS", defaultValue = "1",
            description = "What the task's first metric may lose, in hundredths of it (default: ${DEFAULT-VALUE}).")
    private double budget;

    @Option(names = "--parts", paramLabel = "NAME", split = ",", defaultValue = "spatial,temporal,quantization",
            description = "What may be changed: spatial (heads, columns, neurons), temporal (timesteps, threshold, initial potential),"
                    + " quantization (default: all three).")
    private List<String> parts;

    @Option(names = "--criterion", paramLabel = "NAME", defaultValue = "activity",
            description = "What tells the least important units: magnitude of the weights, or, measured on the same text, activity,"
                    + " variance or pca, as for prune (default: ${DEFAULT-VALUE}).")
    private String criterion;

    @Option(names = "--population", paramLabel = "N", defaultValue = "32",
            description = "Candidates a generation (default: ${DEFAULT-VALUE}).")
    private int population;

    @Option(names = "--generations", paramLabel = "N", defaultValue = "30",
            description = "Generations after the first (default: ${DEFAULT-VALUE}).")
    private int generations;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
            description = "The same seed finds the same (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--report-split", paramLabel = "NAME", defaultValue = "dev",
            description = "Split of a --data folder that the front is evaluated on at the end, all of it (default: ${DEFAULT-VALUE}).")
    private String reportSplit;

    @Option(names = "--resume", description = "Go on with the search in --out.")
    private boolean resume;

    @Option(names = "--force", description = "Delete an earlier search in --out.")
    private boolean force;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto", description = "As for eval (default: ${DEFAULT-VALUE}).")
    private String backendName;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: one for each processor).")
    private Optional<Integer> threads = Optional.empty();

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32", description = "Sequences a batch (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Mixin
    private EvalData data;

    SearchCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        Set<SearchPart> chosenParts = EnumSet.noneOf(SearchPart.class);
        parts.forEach(name -> chosenParts.add(part(name)));
        List<SearchCost> chosenCosts = costs.stream().map(SearchCommand::cost).distinct().toList();
        checkNumbers();
        Criterion by = Choices.named(Criterion.MEASURED, "--criterion", criterion);
        SearchFolder folder = new SearchFolder(out);
        try (BundledFiles bundled = new BundledFiles(); Checkpoint source = Checkpoint.open(model);
                Backend backend = backend();
                Tokenizer tokenizer = Tokenizer.open(model, source.config().maxPositions(), source.config().vocabularySize())) {
            EvalData.Selected selected = data.read(bundled);
            Optional<EvalData.Selected> whole = data.whole(reportSplit);
            TaskExamples examples = TaskExamples.of(selected.task(), selected.examples(), tokenizer);
            TaskExamples report = whole.map(all -> TaskExamples.of(all.task(), all.examples(), tokenizer)).orElse(examples);
            folder.prepare(resume, force);
            List<UnitImportance> importance = folder.importance(source.config(),
                    () -> by.measure(source, options(), selected::texts, streams.err()));
            CompressionSearch search = new CompressionSearch(
                    SearchSpace.of(source.config(), source.weights(), chosenParts, chosenCosts.contains(SearchCost.BYTES)),
                    chosenCosts, budget / 100, population, generations, seed);
            try (EvaluationJournal journal = EvaluationJournal.open(folder.journal(),
                    settings(search, source, backend, examples, chosenParts, by));
                    CandidateModels models = new CandidateModels(source, importance);
                    CandidateEvaluation evaluation = new CandidateEvaluation(models, backend, tokenizer, batch)) {
                CompressionSearch.Result result = run(search, source, journal, evaluation, examples);
                SearchRun ended = new SearchRun(model.toString(), models, search, chosenParts.stream().map(SearchPart::toString).toList(),
                        by.toString(), examples, "%s, %d examples".formatted(selected.name(), selected.examples().size()),
                        whole.map(all -> "%s, %d examples".formatted(all.name(), all.examples().size())).orElse("the same"), result,
                        point -> journal.outcome(point.candidate(), report.fingerprint(),
                                () -> evaluation.evaluate(point.candidate(), report, false)));
                write(ended, folder);
            }
        }
        return Failures.FINE;
    }

    private void checkNumbers() {
        if (!(budget >= 0)) {
            throw new InvalidInputException("--budget must be at least 0, not " + budget);
        }
        if (population < 4) {
            throw new InvalidInputException("--population must be at least 4, not " + population);
        }
        if (generations < 0) {
            throw new InvalidInputException("--generations must be at least 0, not " + generations);
        }
        RunOptions.atLeastOne("--batch", batch);
        if (resume && force) {
            throw new InvalidInputException("--resume goes on with a search and --force deletes it: give one of them");
        }
    }

    private static SearchPart part(String name) {
        return Arrays.stream(SearchPart.values()).filter(part -> part.toString().equals(name.strip().toLowerCase(Locale.ROOT))).findFirst()
                .orElseThrow(() -> new InvalidInputException("--parts: there is no '%s'; choose some of %s"
                        .formatted(name, List.of(SearchPart.values()))));
    }

    private static SearchCost cost(String name) {
        return SearchCost.parse(name).orElseThrow(() -> new InvalidInputException("--cost: there is no '%s'; choose some of %s"
                .formatted(name, List.of(SearchCost.values()))));
    }

    private Backend backend() {
        int count = RunOptions.atLeastOne("--threads", threads.orElse(ModelOptions.DEFAULTS.threads()));
        BackendSelection selection = BackendSelection.open(backendName, "auto", count);
        selection.note().ifPresent(note -> streams.err().println("leanspike: " + note));
        return selection.backend();
    }

    /** What units are measured with. */
    private ModelOptions options() {
        int count = threads.orElse(ModelOptions.DEFAULTS.threads());
        return ModelOptions.DEFAULTS.withBackend(backendName).withThreads(count).withBatchSize(batch);
    }

    /** What outcomes and the order of questions depend on; generations and threads are not of it. */
    private JsonObject settings(CompressionSearch search, Checkpoint source, Backend backend, TaskExamples examples, Set<SearchPart> chosen,
            Criterion by) {
        JsonObject settings = new JsonObject();
        settings.addProperty("schema", SearchJson.SCHEMA);
        settings.addProperty("model", ModelFingerprint.of(source));
        settings.addProperty("task", examples.task().toString());
        settings.addProperty("examples", examples.fingerprint());
        settings.addProperty("backend", backend.name() + " " + backend.variant());
        settings.addProperty("costs", search.costs().toString());
        settings.addProperty("budget", search.budget());
        settings.addProperty("parts", chosen.toString());
        settings.addProperty("criterion", by.toString());
        settings.addProperty("population", search.population());
        settings.addProperty("seed", search.seed());
        return settings;
    }

    private CompressionSearch.Result run(CompressionSearch search, Checkpoint source, EvaluationJournal journal,
            CandidateEvaluation evaluation, TaskExamples examples) {
        if (journal.size() > 0) {
            streams.err().println("leanspike: %d evaluations are known from before".formatted(journal.size()));
        }
        String on = examples.fingerprint();
        boolean timed = search.costs().contains(SearchCost.LATENCY);
        try (SearchProgress progress = new SearchProgress(streams)) {
            return search.run(Candidate.uncompressed(source.config()), candidate -> journal.outcome(candidate, on, () -> {
                progress.running();
                return evaluation.evaluate(candidate, examples, timed);
            }), progress);
        }
    }

    private void write(SearchRun run, SearchFolder folder) {
        JsonObject json = new SearchJson(run).json();
        SearchTable table = new SearchTable(run);
        folder.result().write(SearchJson.text(json));
        folder.table().write(table.csv());
        folder.pageFile().write(SearchPage.html(json, folder.path()));
        TextOutput text = new TextOutput(streams.out());
        text.print(table.text());
        text.print("%s: open it in a browser; leanspike compress apply --search %s --point N --out DIR writes a model%n".formatted(
                folder.page(), folder.path()));
        text.flush();
    }
}
