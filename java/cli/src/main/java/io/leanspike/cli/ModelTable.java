package io.leanspike.cli;

import io.leanspike.compress.MatrixFacts;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.LayerShape;
import io.leanspike.model.NeuronSettings;
import io.leanspike.schedule.TimestepSchedule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A model's layers and matrices for people to read. */
final class ModelTable {
    private ModelTable() {}

    static String text(Checkpoint model) {
        List<MatrixFacts> facts = MatrixFacts.of(model.weights());
        long encoder = facts.stream().filter(MatrixFacts::isEncoder).mapToLong(MatrixFacts::bytes).sum();
        StringBuilder text = new StringBuilder();
        text.append("%s: %s on disk, %s of them encoder weights; %d words, width %d, T = %s, initial potential %s%n%n".formatted(
                model.directory(), Figures.bytes(model.bytes()), Figures.bytes(encoder), model.config().vocabularySize(),
                model.config().hiddenSize(), new TimestepSchedule(model.config().spiking().timesteps()),
                model.config().spiking().initialPotential()));
        for (int i = 0; i < model.config().hiddenLayers(); i++) {
            LayerShape shape = model.config().layers().get(i);
            text.append("layer %d: T = %d, heads %s, %d neurons%n".formatted(
                    i, model.config().spiking().timesteps().get(i), shape.heads(), shape.intermediate()));
        }
        new TreeMap<>(model.config().spiking().populations()).forEach((name, neurons) -> text.append(
                "%s: threshold %s, initial potential %s%n".formatted(name, neurons.threshold(), neurons.initialPotential())));
        text.append("%n%-26s %13s %5s %7s %9s%n".formatted("matrix", "shape", "bits", "zeros", "bytes"));
        for (MatrixFacts matrix : facts) {
            text.append("%-26s %13s %5s %7s %9s%n".formatted(matrix.name(), matrix.rows() + "x" + matrix.columns(), matrix.bits(),
                    Figures.percent(matrix.zeros()), Figures.bytes(matrix.bytes())));
        }
        return text.toString();
    }

    /** Two models matrix by matrix: where they differ, what the first has and what the second. */
    static String difference(Checkpoint first, Checkpoint second) {
        StringBuilder text = new StringBuilder();
        text.append("%-26s %-34s %-34s%n".formatted("", first.directory(), second.directory()));
        row(text, "bytes on disk", Figures.bytes(first.bytes()), Figures.bytes(second.bytes()));
        row(text, "timesteps", new TimestepSchedule(first.config().spiking().timesteps()).toString(),
                new TimestepSchedule(second.config().spiking().timesteps()).toString());
        row(text, "initial potential", String.valueOf(first.config().spiking().initialPotential()),
                String.valueOf(second.config().spiking().initialPotential()));
        Map<String, NeuronSettings> own = first.config().spiking().populations();
        Map<String, NeuronSettings> others = second.config().spiking().populations();
        Stream.concat(own.keySet().stream(), others.keySet().stream()).distinct().sorted().forEach(name ->
                row(text, name + " neurons", neurons(own.get(name)), neurons(others.get(name))));
        List<MatrixFacts> left = MatrixFacts.of(first.weights());
        List<MatrixFacts> right = MatrixFacts.of(second.weights());
        Stream.concat(left.stream(), right.stream()).map(MatrixFacts::name).distinct().forEach(name ->
                row(text, name, find(left, name), find(right, name)));
        return text.toString();
    }

    private static String neurons(NeuronSettings settings) {
        return settings == null ? "-" : "threshold %s, potential %s".formatted(settings.threshold(), settings.initialPotential());
    }

    private static String find(List<MatrixFacts> facts, String name) {
        return facts.stream().filter(matrix -> matrix.name().equals(name)).findFirst().map(ModelTable::facts).orElse("-");
    }

    private static void row(StringBuilder text, String name, String first, String second) {
        text.append("%-26s %-34s %-34s%s%n".formatted(name, first, second, first.equals(second) ? "" : "  *"));
    }

    private static String facts(MatrixFacts matrix) {
        return "%dx%d, %s bits, %s, %s zeros".formatted(matrix.rows(), matrix.columns(), matrix.bits(), Figures.bytes(matrix.bytes()),
                Figures.percent(matrix.zeros()));
    }
}
