package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.EarlyExit;
import io.leanspike.eval.Evaluation;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Evaluates a model on a GLUE task: the task's own metrics, and what the spikes cost.",
            "Without arguments: the bundled model on the bundled sample of reviews.", ""
        })
final class EvalCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private ModelFolder folder;

    @Mixin
    private EvalData data;

    @Mixin
    private RunOptions run;

    @Mixin
    private ExitOptions exit;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all figures as JSON; java/cli/README.md describes the schema.")
    private Optional<Path> json = Optional.empty();

    @Option(names = "--predictions", paramLabel = "FILE", description = "Write one line an example: line, gold, predicted, logits (TSV).")
    private Optional<Path> predictions = Optional.empty();

    @Option(names = "--force", description = "Let --json and --predictions replace files that are there.")
    private boolean force;

    @Option(names = "--explain", description = "Print the execution plan of the largest batch, with the reason for each call.")
    private boolean explain;

    EvalCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        ModelOptions options = run.modelOptions();
        EarlyExit early = exit.earlyExit();
        Optional<OutputFile> jsonFile = json.map(file -> OutputFile.named(file, force));
        Optional<OutputFile> predictionsFile = predictions.map(file -> OutputFile.named(file, force));
        if (jsonFile.isPresent() && predictionsFile.isPresent() && jsonFile.get().isSameAs(predictionsFile.get())) {
            throw new InvalidInputException("--json and --predictions name the same file: " + json.get());
        }
        try (BundledFiles bundled = new BundledFiles()) {
            EvalData.Selected selected = data.read(bundled);
            EvalResult result = evaluate(folder.path(bundled), options, early, selected);
            // Files first: a reader of the report may leave, or its disk be full.
            jsonFile.ifPresent(file -> file.write(EvalJson.text(result)));
            predictionsFile.ifPresent(file -> file.write(PredictionTable.text(result)));
            TextOutput out = new TextOutput(streams.out());
            out.print(new EvalReport(result, streams.unicode()).text());
            if (explain) {
                out.print("\n" + result.evaluation().plan().describe());
            }
            out.flush();
        }
        return Failures.FINE;
    }

    private EvalResult evaluate(Path path, ModelOptions options, EarlyExit early, EvalData.Selected selected) {
        long start = System.nanoTime();
        try (SpikingModel model = SpikingModel.open(path, options)) {
            model.backend().note().ifPresent(note -> streams.err().println("leanspike: " + note));
            Evaluation evaluation;
            try (ProgressLine progress = new ProgressLine(streams)) {
                evaluation = model.evaluate(selected.task(), selected.examples(), progress, early);
            }
            evaluation.notices().forEach(notice -> streams.err().println("leanspike: " + notice));
            // The tokenizer is opened on first use, inside the evaluation but outside its clock.
            double loadSeconds = (System.nanoTime() - start) * 1e-9 - evaluation.seconds();
            return new EvalResult(folder.name(), selected.name(), model.config(), options, early, model.schedule(),
                    model.initialPotential(), model.bytes(), BackendUsed.of(model), loadSeconds, evaluation);
        }
    }
}
