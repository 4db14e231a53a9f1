package io.leanspike.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.compress.TimestepSearch;
import io.leanspike.compress.TimestepSearch.Trial;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.NeuronSettings;
import io.leanspike.model.PopulationNeurons;
import io.leanspike.model.SpikingConfig;
import io.leanspike.model.StoredTensor;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.TextInput;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "schedule",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Looks for few timesteps a layer that keep the task's metric within a budget, and writes a model that has them. First every"
                    + " layer goes to where its populations' rates have converged, then on one by one, the layer that costs the metric"
                    + " least.",
            "The model's initial potential stays, unless another one is better by more than chance, or 0.5 lets the layers go lower.",
            "Search on other data than you report: --split train --limit 1000.", ""
        })
final class ScheduleCommand implements Callable<Integer> {
    private static final Gson JSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    /** Turns the floor of the rate code into rounding, and so serves few timesteps best. */
    private static final double ROUNDING = 0.5;
    private static final List<Double> POTENTIALS = List.of(ROUNDING, 0.25, 0.75, 0.0);
    private static final List<String> OF_A_SEARCH = Stream.concat(
            Stream.of("--budget", "--start", "--tolerance", "--calibrate"), EvalData.OPTIONS.stream()).toList();

    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Mixin
    private ModelTarget target;

    @Option(names = "--budget", paramLabel = "POINTS", defaultValue = "0.5",
            description = "What the task's first metric may lose, in hundredths of it (default: ${DEFAULT-VALUE}).")
    private double budget;

    @Option(names = "--timesteps", paramLabel = "T",
            description = "Write these and look for none: one number, or one for each layer separated by commas. No examples are read.")
    private Optional<String> given = Optional.empty();

    @Option(names = "--start", paramLabel = "T", description = "Timesteps of every layer at the beginning (default: the model's own).")
    private Optional<Integer> start = Optional.empty();

    @Option(names = "--tolerance", paramLabel = "RATE", defaultValue = "0.02",
            description = "How far rates may be from those at the beginning to count as converged, on average; 0 leaves that step out"
                    + " (default: ${DEFAULT-VALUE}).")
    private double tolerance;

    @Option(names = "--calibrate",
            description = "In the end set threshold and initial potential of each population to those whose rates come nearest to many"
                    + " timesteps; kept only if the metric does not fall.")
    private boolean calibrate;

    @Mixin
    private EvalData data;

    ScheduleCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        if (given.isPresent()) {
            InVain.refuse(spec, OF_A_SEARCH, "--timesteps writes them as they are and looks for none");
        }
        start.ifPresent(timesteps -> RunOptions.atLeastOne("--start", timesteps));
        if (!(budget >= 0)) {
            throw new InvalidInputException("--budget must be at least 0, not " + budget);
        }
        if (!(tolerance >= 0)) {
            throw new InvalidInputException("--tolerance must be at least 0, not " + tolerance);
        }
        target.check();
        TextOutput text = new TextOutput(streams.out());
        try (BundledFiles bundled = new BundledFiles(); Checkpoint source = Checkpoint.open(model)) {
            if (given.isPresent()) {
                TimestepSchedule schedule = TimestepSchedule.parse(given.get(), source.config().hiddenLayers());
                write(source, config(source, schedule.timesteps(), source.config().spiking().initialPotential()), text);
                return Failures.FINE;
            }
            EvalData.Selected selected = data.read(bundled);
            List<TextInput> inputs = selected.texts();
            SpikingConfig spiking = source.config().spiking();
            List<Integer> beginning = start.map(timesteps -> Collections.nCopies(source.config().hiddenLayers(), timesteps))
                    .orElse(spiking.timesteps());
            CalibrationScores scores = new CalibrationScores(model, spiking.initialPotential(), selected);
            Trial found = search(scores, spiking.initialPotential(), beginning, first(beginning, inputs), text);
            JsonObject config = config(source, found.timesteps(), found.initialPotential());
            if (calibrate) {
                calibrate(scores.options(found.timesteps(), found.initialPotential()), found, inputs, selected, text).ifPresent(neurons ->
                        config.getAsJsonObject("spiking").add("populations", PopulationNeurons.json(neurons)));
            }
            write(source, config, text);
        }
        return Failures.FINE;
    }

    private void write(Checkpoint source, JsonObject config, TextOutput text) {
        List<StoredTensor> tensors = source.tensors().names().stream().map(source.tensors()::tensor).toList();
        CheckpointWriter.write(source, JSON.toJson(config) + "\n", tensors, target.path(), target.existing());
        text.print("%s: written%n".formatted(target.path()));
        text.flush();
    }

    private Trial search(CalibrationScores scores, double own, List<Integer> beginning, List<Integer> first, TextOutput text) {
        scores.checkDefined(beginning);
        Trial found = search(scores, own, budget / 100, beginning, first, text);
        double left = budget / 100 + scores.metric(beginning, ROUNDING) - scores.metric(beginning, own);
        if (own != ROUNDING && left >= 0) {
            Trial rounded = search(scores, ROUNDING, left, beginning, first, text);
            found = rounded.meanTimesteps() < found.meanTimesteps() ? rounded : found;
            text.print("taken: T = %s, initial potential %s%n".formatted(found.timesteps(), found.initialPotential()));
        }
        return found;
    }

    /** @param potential that others have to be better than @param allowed what the metric may lose from where it is with that one */
    private static Trial search(CalibrationScores scores, double potential, double allowed, List<Integer> beginning, List<Integer> first,
            TextOutput text) {
        List<Double> potentials = Stream.concat(Stream.of(potential), POTENTIALS.stream()).distinct().toList();
        return new TimestepSearch(allowed, potentials, scores::isSurelyBetter).run(beginning, first, scores::metric, trial -> {
            text.print("%.1f  T = %s, mean %.3g, initial potential %s%n".formatted(100 * trial.metric(), trial.timesteps(),
                    trial.meanTimesteps(), trial.initialPotential()));
            text.flush();
        });
    }

    /** Where rates have converged, at the potential that serves few timesteps best. */
    private List<Integer> first(List<Integer> beginning, List<TextInput> inputs) {
        if (tolerance == 0) {
            return beginning;
        }
        try (SpikingModel running = SpikingModel.open(model, ModelOptions.DEFAULTS.withInitialPotential(ROUNDING))) {
            List<Integer> converged = running.convergedTimesteps(inputs, Collections.max(beginning), tolerance);
            return IntStream.range(0, converged.size()).mapToObj(layer -> Math.min(converged.get(layer), beginning.get(layer))).toList();
        }
    }

    /** Neurons of each population for the schedule; empty where they are worse than those of the model. */
    private Optional<Map<String, NeuronSettings>> calibrate(ModelOptions options, Trial found, List<TextInput> inputs,
            EvalData.Selected selected, TextOutput text) {
        try (SpikingModel running = SpikingModel.open(model, options)) {
            Map<String, NeuronSettings> neurons = running.calibratedNeurons(inputs);
            double metric = CalibrationScores.metric(running.evaluate(selected.task(), selected.examples(), neurons));
            boolean kept = metric >= found.metric();
            text.print("%.1f  with neurons of their own in %d populations: %s%n".formatted(100 * metric, neurons.size(),
                    kept ? "kept" : "worse, left out"));
            return kept ? Optional.of(neurons) : Optional.empty();
        }
    }

    /** What was scored: the model's own neurons, or all of them with the initial potential that was found. */
    private static JsonObject config(Checkpoint source, List<Integer> found, double potential) {
        JsonArray timesteps = new JsonArray();
        found.forEach(timesteps::add);
        JsonObject config = source.configJson();
        JsonObject spiking = config.getAsJsonObject("spiking");
        spiking.add("timesteps", timesteps);
        SpikingConfig before = source.config().spiking();
        if (potential != before.initialPotential()) {
            spiking.addProperty("initial_potential", potential);
            if (!before.populations().isEmpty()) {
                spiking.add("populations", PopulationNeurons.json(before.withInitialPotential(potential).populations()));
            }
        }
        return config;
    }
}
