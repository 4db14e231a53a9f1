package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.compress.LayerActivity;
import io.leanspike.compress.LayerKeep;
import io.leanspike.compress.PruningPlan;
import io.leanspike.compress.PruningPlan.Allocation;
import io.leanspike.compress.StructuralPruning;
import io.leanspike.compress.UnitImportance;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.text.GlueExample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Takes the least important attention heads, columns of heads and intermediate neurons out of a model.",
            "They are gone: matrices become smaller, and so do time and bytes. Without training afterwards accuracy falls.", ""
        })
final class PruneCommand implements Callable<Integer> {
    /** Least important by what. */
    private enum Criterion { MAGNITUDE, ACTIVITY }

    private final Streams streams;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Model folder to make: new, or empty.")
    private Path out;

    @Option(names = "--heads", paramLabel = "SHARE", defaultValue = "0", description = "Share of attention heads to take out, from 0 to below 1.")
    private double heads;

    @Option(names = "--neurons", paramLabel = "SHARE", defaultValue = "0", description = "Share of intermediate neurons.")
    private double neurons;

    @Option(names = "--keys", paramLabel = "SHARE", defaultValue = "0", description = "Share of the query and key columns of each head that stays.")
    private double keys;

    @Option(names = "--values", paramLabel = "SHARE", defaultValue = "0", description = "Share of the value columns of each head that stays.")
    private double values;

    @Option(names = "--criterion", paramLabel = "NAME", defaultValue = "magnitude",
            description = "What tells the least important: magnitude (of the weights), or activity: spikes on calibration text, which"
                    + " --task and --data name (default: ${DEFAULT-VALUE}).")
    private String criterion;

    @Option(names = "--allocation", paramLabel = "NAME", defaultValue = "uniform",
            description = "uniform: every layer loses the same share; global: heads and neurons of all layers compete (default: ${DEFAULT-VALUE}).")
    private String allocation;

    @Mixin
    private EvalData calibration;

    PruneCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        PruningPlan plan = plan();
        Criterion by = named(Criterion.class, "--criterion", criterion);
        try (Checkpoint source = Checkpoint.open(model)) {
            List<LayerKeep> keeps = plan.choose(source.config(), importance(source, by));
            StructuralPruning.write(source, keeps, out);
            try (Checkpoint made = Checkpoint.open(out)) {
                TextOutput text = new TextOutput(streams.out());
                text.print("%s: %s, from %s of %s%n".formatted(out, Figures.bytes(made.bytes()), Figures.bytes(source.bytes()), model));
                for (int i = 0; i < keeps.size(); i++) {
                    LayerShape before = source.config().layers().get(i);
                    LayerShape after = made.config().layers().get(i);
                    text.print("layer %d: %d of %d heads, %d of %d key and %d of %d value columns, %d of %d neurons%n".formatted(i,
                            after.heads().count(), before.heads().count(), after.heads().keyWidth(), before.heads().keyWidth(),
                            after.heads().valueWidth(), before.heads().valueWidth(), after.intermediate(), before.intermediate()));
                }
                text.flush();
            }
        }
        return Failures.FINE;
    }

    private PruningPlan plan() {
        if (heads == 0 && neurons == 0 && keys == 0 && values == 0) {
            throw new InvalidInputException("nothing to do: give --heads, --neurons, --keys or --values a share above 0");
        }
        Allocation how = named(Allocation.class, "--allocation", allocation);
        try {
            return new PruningPlan(heads, keys, values, neurons, how);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(e.getMessage(), e);
        }
    }

    private List<UnitImportance> importance(Checkpoint source, Criterion by) {
        List<LayerWeights> layers = source.weights().layers();
        if (by == Criterion.MAGNITUDE) {
            return layers.stream().map(UnitImportance::magnitude).toList();
        }
        List<LayerActivity> activity;
        try (SpikingModel running = SpikingModel.open(model, ModelOptions.DEFAULTS); BundledFiles bundled = new BundledFiles()) {
            activity = running.activity(calibration.read(bundled).examples().stream().map(GlueExample::input).toList());
        }
        List<UnitImportance> importance = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            importance.add(UnitImportance.activity(layers.get(i), activity.get(i)));
        }
        return importance;
    }

    private static <E extends Enum<E>> E named(Class<E> kind, String option, String name) {
        for (E constant : kind.getEnumConstants()) {
            if (constant.name().equals(name.toUpperCase(Locale.ROOT))) {
                return constant;
            }
        }
        throw new InvalidInputException("%s: there is no '%s'; choose one of %s".formatted(option, name,
                List.of(kind.getEnumConstants()).toString().toLowerCase(Locale.ROOT)));
    }
}
