package io.leanspike.cli;

import io.leanspike.compress.MatrixFacts;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.LayerShape;
import io.leanspike.model.NeuronSettings;
import io.leanspike.schedule.TimestepSchedule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A model's layers and matrices for people to read. */
final class ModelTable {
    private ModelTable() {}

    /** @param sample what the model's spikes cost on sample text */
    static String text(Checkpoint model, SampleSpikes sample) {
        List<MatrixFacts> facts = MatrixFacts.of(model.weights());
        long encoder = facts.stream().filter(MatrixFacts::isEncoder).mapToLong(MatrixFacts::bytes).sum();
        StringBuilder text = new StringBuilder();
        text.append("%s: %s on disk, %s of them encoder weights; %d words, width %d, T = %s, initial potential %s%n%n".formatted(
                model.directory(), Figures.bytes(model.bytes()), Figures.bytes(encoder), model.config().vocabularySize(),
                model.config().hiddenSize(), new TimestepSchedule(model.config().spiking().timesteps()),
                model.config().spiking().initialPotential()));
        for (int i = 0; i < model.config().hiddenLayers(); i++) {
            LayerShape shape = model.config().layers().get(i);
            text.append("layer %d: T = %d, %s, %d neurons, %s%n".formatted(
                    i, model.config().spiking().timesteps().get(i), shape.heads(), shape.intermediate(), weights(layer(facts, i))));
        }
        new TreeMap<>(model.config().spiking().populations()).forEach((name, neurons) -> text.append(
                "%s: threshold %s, initial potential %s%n".formatted(name, neurons.threshold(), neurons.initialPotential())));
        text.append("%n%s".formatted(sample.text()));
        text.append("%n%-26s %13s %5s %7s %9s%n".formatted("matrix", "shape", "bits", "zeros", "bytes"));
        for (MatrixFacts matrix : facts) {
            text.append("%-26s %13s %5s %7s %9s%n".formatted(matrix.name(), matrix.rows() + "x" + matrix.columns(), matrix.bits(),
                    Figures.percent(matrix.zeros()), Figures.bytes(matrix.bytes())));
        }
        return text.toString();
    }

    /** Two models matrix by matrix: where they differ, what the first has and what the second. */
    static String difference(Checkpoint first, Checkpoint second, SampleSpikes left, SampleSpikes right) {
        StringBuilder text = new StringBuilder();
        text.append("%-26s %-34s %-34s%n".formatted("", first.directory(), second.directory()));
        row(text, "bytes on disk", Figures.bytes(first.bytes()), Figures.bytes(second.bytes()));
        row(text, "timesteps", new TimestepSchedule(first.config().spiking().timesteps()).toString(),
                new TimestepSchedule(second.config().spiking().timesteps()).toString());
        row(text, "initial potential", String.valueOf(first.config().spiking().initialPotential()),
                String.valueOf(second.config().spiking().initialPotential()));
        row(text, "threshold", String.valueOf(first.config().spiking().threshold()), String.valueOf(second.config().spiking().threshold()));
        row(text, "SOPs a sequence", left.sops(), right.sops());
        row(text, "energy a sequence", left.energy(), right.energy());
        for (int i = 0; i < Math.max(first.config().hiddenLayers(), second.config().hiddenLayers()); i++) {
            row(text, "layer " + i, layer(first, i), layer(second, i));
        }
        Map<String, NeuronSettings> own = first.config().spiking().populations();
        Map<String, NeuronSettings> others = second.config().spiking().populations();
        Stream.concat(own.keySet().stream(), others.keySet().stream()).distinct().sorted().forEach(name ->
                row(text, name + " neurons", neurons(own.get(name)), neurons(others.get(name))));
        List<MatrixFacts> ours = MatrixFacts.of(first.weights());
        List<MatrixFacts> theirs = MatrixFacts.of(second.weights());
        Stream.concat(ours.stream(), theirs.stream()).map(MatrixFacts::name).distinct().forEach(name ->
                row(text, name, find(ours, name), find(theirs, name)));
        return text.toString();
    }

    private static String layer(Checkpoint model, int layer) {
        if (layer >= model.config().hiddenLayers()) {
            return "-";
        }
        LayerShape shape = model.config().layers().get(layer);
        return "T = %d, %s, %d neurons".formatted(model.config().spiking().timesteps().get(layer), shape.heads(), shape.intermediate());
    }

    private static List<MatrixFacts> layer(List<MatrixFacts> facts, int layer) {
        return facts.stream().filter(matrix -> matrix.name().startsWith("layer." + layer + ".")).toList();
    }

    /** Bits, zeros and bytes of a layer's matrices together. */
    private static String weights(List<MatrixFacts> layer) {
        double elements = layer.stream().mapToDouble(matrix -> (double) matrix.rows() * matrix.columns()).sum();
        double zeros = layer.stream().mapToDouble(matrix -> matrix.zeros() * matrix.rows() * matrix.columns()).sum();
        return "%s-bit weights, %s zeros, %s".formatted(layer.stream().map(MatrixFacts::bits).distinct().collect(Collectors.joining(" and ")),
                Figures.percent(zeros / elements), Figures.bytes(layer.stream().mapToLong(MatrixFacts::bytes).sum()));
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
