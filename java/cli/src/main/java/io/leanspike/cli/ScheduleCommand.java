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
import io.leanspike.eval.Evaluation;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.NeuronSettings;
import io.leanspike.model.PopulationNeurons;
import io.leanspike.model.StoredTensor;
import io.leanspike.text.TextInput;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "schedule",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Looks for few timesteps a layer that keep the task's metric within a budget, and writes a model that has them. First every",
            "layer goes to where its populations' rates have converged, then on one by one, the layer that costs the metric least.",
            "Search on other data than you report: --split train --limit 1000.", ""
        })
final class ScheduleCommand implements Callable<Integer> {
    private static final Gson JSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final List<Double> POTENTIALS = List.of(0.5, 0.25, 0.75, 0.0);

    private final Streams streams;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Mixin
    private ModelTarget target;

    @Option(names = "--budget", paramLabel = "POINTS", defaultValue = "0.5",
            description = "What the task's first metric may lose, in hundredths of it (default: ${DEFAULT-VALUE}).")
    private double budget;

    @Option(names = "--start", paramLabel = "T", defaultValue = "16", description = "Timesteps of every layer at the beginning (default: ${DEFAULT-VALUE}).")
    private int start;

    @Option(names = "--tolerance", paramLabel = "RATE", defaultValue = "0.02",
            description = "How far rates may be from those at --start to count as converged, on average; 0 leaves that step out"
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
        RunOptions.atLeastOne("--start", start);
        if (!(budget >= 0)) {
            throw new InvalidInputException("--budget must be at least 0, not " + budget);
        }
        if (!(tolerance >= 0)) {
            throw new InvalidInputException("--tolerance must be at least 0, not " + tolerance);
        }
        target.check();
        try (BundledFiles bundled = new BundledFiles(); Checkpoint source = Checkpoint.open(model)) {
            EvalData.Selected selected = data.read(bundled);
            TextOutput text = new TextOutput(streams.out());
            List<TextInput> inputs = selected.texts();
            Trial found = new TimestepSearch(budget / 100, POTENTIALS).run(
                    Collections.nCopies(source.config().hiddenLayers(), start), first(source, inputs),
                    (timesteps, potential) -> metric(timesteps, potential, selected), trial -> {
                        text.print("%.1f  T = %s, mean %.3g, initial potential %s%n".formatted(100 * trial.metric(), trial.timesteps(),
                                trial.meanTimesteps(), trial.initialPotential()));
                        text.flush();
                    });
            JsonObject config = config(source, found);
            if (calibrate) {
                calibrate(found, inputs, selected, text).ifPresent(neurons ->
                        config.getAsJsonObject("spiking").add("populations", PopulationNeurons.json(neurons)));
            }
            List<StoredTensor> tensors = source.tensors().names().stream().map(source.tensors()::tensor).toList();
            CheckpointWriter.write(source, JSON.toJson(config) + "\n", tensors, target.path(), target.existing());
            text.print("%s: written%n".formatted(target.path()));
            text.flush();
        }
        return Failures.FINE;
    }

    /** Where rates have converged, at the potential that serves few timesteps best. */
    private List<Integer> first(Checkpoint source, List<TextInput> inputs) {
        if (tolerance == 0) {
            return Collections.nCopies(source.config().hiddenLayers(), start);
        }
        try (SpikingModel running = SpikingModel.open(model, ModelOptions.DEFAULTS.withInitialPotential(POTENTIALS.getFirst()))) {
            return running.convergedTimesteps(inputs, start, tolerance);
        }
    }

    /** Neurons of each population for the schedule; empty where they are worse than those of the model. */
    private Optional<Map<String, NeuronSettings>> calibrate(Trial found, List<TextInput> inputs, EvalData.Selected selected,
            TextOutput text) {
        try (SpikingModel running = SpikingModel.open(model, options(found.timesteps(), found.initialPotential()))) {
            Map<String, NeuronSettings> neurons = running.calibratedNeurons(inputs);
            double metric = first(running.evaluate(selected.task(), selected.examples(), neurons));
            boolean kept = metric >= found.metric();
            text.print("%.1f  with neurons of their own in %d populations: %s%n".formatted(100 * metric, neurons.size(),
                    kept ? "kept" : "worse, left out"));
            return kept ? Optional.of(neurons) : Optional.empty();
        }
    }

    private static double first(Evaluation evaluation) {
        return evaluation.metrics().values().iterator().next();
    }

    private static ModelOptions options(List<Integer> timesteps, double potential) {
        return ModelOptions.DEFAULTS.withTimesteps(timesteps.toArray(Integer[]::new)).withInitialPotential(potential);
    }

    private double metric(List<Integer> timesteps, double potential, EvalData.Selected selected) {
        try (SpikingModel running = SpikingModel.open(model, options(timesteps, potential))) {
            return first(running.evaluate(selected.task(), selected.examples()));
        }
    }

    private static JsonObject config(Checkpoint source, Trial found) {
        JsonArray timesteps = new JsonArray();
        found.timesteps().forEach(timesteps::add);
        JsonObject config = source.configJson();
        config.getAsJsonObject("spiking").add("timesteps", timesteps);
        config.getAsJsonObject("spiking").addProperty("initial_potential", found.initialPotential());
        // Found for all populations alike: neurons of their own that the model had are calibrated anew or gone.
        config.getAsJsonObject("spiking").remove("populations");
        return config;
    }
}
