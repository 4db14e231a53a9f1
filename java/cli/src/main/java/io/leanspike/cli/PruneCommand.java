package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.compress.ImportanceFile;
import io.leanspike.compress.LayerKeep;
import io.leanspike.compress.PruningPlan;
import io.leanspike.compress.PruningPlan.Allocation;
import io.leanspike.compress.StructuralPruning;
import io.leanspike.compress.UnitImportance;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.LayerShape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Mixin
    private ModelTarget target;

    @Option(names = "--heads", paramLabel = "SHARE", defaultValue = "0",
            description = "Share of attention heads to take out, from 0 to below 1; here and below one number, or one a layer: 0.5,0.25.")
    private String heads;

    @Option(names = "--neurons", paramLabel = "SHARE", defaultValue = "0", description = "Share of intermediate neurons to take out.")
    private String neurons;

    @Option(names = "--keys", paramLabel = "SHARE", defaultValue = "0",
            description = "Share to take out of the query and key columns of every head that is left.")
    private String keys;

    @Option(names = "--values", paramLabel = "SHARE", defaultValue = "0",
            description = "Share to take out of the value columns of every head that is left.")
    private String values;

    @Option(names = "--criterion", paramLabel = "NAME", defaultValue = "magnitude",
            description = {"What tells the least important (default: ${DEFAULT-VALUE}):",
                "magnitude: the weights alone;",
                "on calibration text, which --task and --data name: activity (rates), variance (of rates over tokens), or pca (energy in"
                        + " the principal components of the accumulated membrane potential; slow);",
                "taylor: what the loss would change, as leanspike train importance has written it to --scores."})
    private String criterion;

    @Option(names = "--scores", paramLabel = "FILE", description = "For --criterion taylor: importance of every unit (safetensors).")
    private Optional<Path> scores = Optional.empty();

    @Option(names = "--allocation", paramLabel = "NAME", defaultValue = "uniform",
            description = "uniform: every layer loses the share it is given; global: heads and neurons of all layers compete"
                    + " (default: ${DEFAULT-VALUE}).")
    private String allocation;

    @Mixin
    private EvalData calibration;

    PruneCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        PruningPlan plan = plan();
        Criterion by = Choices.named(EnumSet.allOf(Criterion.class), "--criterion", criterion);
        if (by == Criterion.MAGNITUDE || by == Criterion.TAYLOR) {
            InVain.refuse(spec, EvalData.OPTIONS, "--criterion %s reads no text".formatted(by));
        }
        target.check();
        try (Checkpoint source = Checkpoint.open(model)) {
            List<LayerKeep> keeps = choose(plan, source, by);
            StructuralPruning.write(source, keeps, target.path(), target.existing());
            try (Checkpoint made = Checkpoint.open(target.path())) {
                TextOutput text = new TextOutput(streams.out());
                text.print("%s: %s, from %s of %s%n".formatted(
                        target.path(), Figures.bytes(made.bytes()), Figures.bytes(source.bytes()), model));
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
        List<List<Double>> shares = List.of(shares("--heads", heads), shares("--keys", keys), shares("--values", values),
                shares("--neurons", neurons));
        if (shares.stream().flatMap(List::stream).allMatch(share -> share == 0)) {
            throw new InvalidInputException("nothing to do: give --heads, --neurons, --keys or --values a share above 0");
        }
        Allocation how = Choices.named(EnumSet.allOf(Allocation.class), "--allocation", allocation);
        try {
            return new PruningPlan(shares.get(0), shares.get(1), shares.get(2), shares.get(3), how);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(e.getMessage(), e);
        }
    }

    private static List<Double> shares(String option, String text) {
        try {
            return Arrays.stream(text.split(",", -1)).map(Double::valueOf).toList();
        } catch (NumberFormatException e) {
            throw new InvalidInputException("%s %s: a share is a number from 0 to below 1; give one, or one a layer"
                    .formatted(option, text), e);
        }
    }

    private List<LayerKeep> choose(PruningPlan plan, Checkpoint source, Criterion by) {
        if (scores.isPresent() != (by == Criterion.TAYLOR)) {
            throw new InvalidInputException(
                    "--criterion taylor and --scores FILE go together: the file is what leanspike train importance writes");
        }
        List<UnitImportance> importance = importance(source, by);
        try {
            return plan.choose(source.config(), importance);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(e.getMessage(), e);
        }
    }

    private List<UnitImportance> importance(Checkpoint source, Criterion by) {
        if (by == Criterion.TAYLOR) {
            return ImportanceFile.read(scores.orElseThrow(), source.config());
        }
        try (BundledFiles bundled = new BundledFiles()) {
            return by.measure(source, ModelOptions.DEFAULTS, () -> calibration.read(bundled).texts(), streams.err());
        }
    }
}
