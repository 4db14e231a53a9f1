package io.leanspike.cli;

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
import io.leanspike.model.StoredTensor;
import java.nio.file.Path;
import java.util.List;
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
            "Looks for few timesteps a layer that keep the task's metric within a budget, and writes a model that has them.",
            "Search on other data than you report: --split train --limit 1000.", ""
        })
final class ScheduleCommand implements Callable<Integer> {
    private static final List<Double> POTENTIALS = List.of(0.5, 0.25, 0.75, 0.0);

    private final Streams streams;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Model folder to make: new, or empty.")
    private Path out;

    @Option(names = "--budget", paramLabel = "POINTS", defaultValue = "0.5",
            description = "What the task's first metric may lose, in hundredths of it (default: ${DEFAULT-VALUE}).")
    private double budget;

    @Option(names = "--start", paramLabel = "T", defaultValue = "16", description = "Timesteps of every layer at the beginning (default: ${DEFAULT-VALUE}).")
    private int start;

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
        try (BundledFiles bundled = new BundledFiles(); Checkpoint source = Checkpoint.open(model)) {
            EvalData.Selected selected = data.read(bundled);
            TextOutput text = new TextOutput(streams.out());
            Trial found = new TimestepSearch(budget / 100, POTENTIALS).run(source.config().hiddenLayers(), start,
                    (timesteps, potential) -> metric(timesteps, potential, selected), trial -> {
                        text.print("%.1f  T = %s, mean %.3g, initial potential %s%n".formatted(100 * trial.metric(), trial.timesteps(),
                                trial.meanTimesteps(), trial.initialPotential()));
                        text.flush();
                    });
            List<StoredTensor> tensors = source.tensors().names().stream().map(source.tensors()::tensor).toList();
            CheckpointWriter.write(source, config(source, found), tensors, out, CheckpointWriter.Existing.REFUSE);
            text.print("%s: written%n".formatted(out));
            text.flush();
        }
        return Failures.FINE;
    }

    private double metric(List<Integer> timesteps, double potential, EvalData.Selected selected) {
        ModelOptions options = ModelOptions.DEFAULTS.withTimesteps(timesteps.toArray(Integer[]::new)).withInitialPotential(potential);
        try (SpikingModel running = SpikingModel.open(model, options)) {
            return running.evaluate(selected.task(), selected.examples()).metrics().values().iterator().next();
        }
    }

    private static String config(Checkpoint source, Trial found) {
        JsonArray timesteps = new JsonArray();
        found.timesteps().forEach(timesteps::add);
        JsonObject config = source.configJson();
        config.getAsJsonObject("spiking").add("timesteps", timesteps);
        config.getAsJsonObject("spiking").addProperty("initial_potential", found.initialPotential());
        return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(config) + "\n";
    }
}
