package io.leanspike.cli;

import io.leanspike.account.EnergyModel;
import io.leanspike.eval.Cost;
import io.leanspike.eval.EarlyExit;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.PopulationActivity;
import io.leanspike.schedule.Mode;
import java.util.Locale;
import java.util.stream.Collectors;

/** An evaluation for people to read. */
final class EvalReport {
    private static final int BAR = 40;

    private final EvalResult result;
    private final Evaluation evaluation;
    private final boolean unicode;
    private final StringBuilder text = new StringBuilder();

    EvalReport(EvalResult result, boolean unicode) {
        this.result = result;
        this.evaluation = result.evaluation();
        this.unicode = unicode;
    }

    String text() {
        title();
        metrics();
        run();
        cost();
        populations();
        return text.toString();
    }

    private void title() {
        line("%s on %s, %s".formatted(result.modelName(), evaluation.task(), result.dataName()));
        line("");
    }

    private void metrics() {
        evaluation.metrics().forEach((name, value) -> {
            String figure = switch (name) {
                case "accuracy" -> "%s   %d of %d".formatted(Figures.percent(value), Math.round(value * result.examples()),
                        result.examples());
                case "f1" -> Figures.percent(value);
                default -> Double.isNaN(value) ? "not defined: all answers or all scores are the same"
                        : String.format(Locale.ROOT, "%.4f", value);
            };
            row(name.replace('_', ' '), figure);
        });
        row("examples", "%d, %d tokens%s".formatted(result.examples(), evaluation.tokens(), truncated()));
    }

    private String truncated() {
        return evaluation.truncated() == 0 ? ", none truncated"
                : "; %d truncated to the model's %d tokens".formatted(evaluation.truncated(), result.config().maxPositions());
    }

    private void run() {
        if (result.options().mode() == Mode.SPIKING) {
            row("timesteps", "T = %s, mean %s; initial potential %s of the threshold"
                    .formatted(result.schedule(), Figures.threeDigits(result.schedule().mean()), result.initialPotential()));
            exits();
        } else {
            row("mode", "equilibrium: clipped rates, no timesteps and no spikes");
        }
        row("model", "%s; %d layers, width %d".formatted(Figures.bytes(result.modelBytes()), result.config().hiddenLayers(),
                result.config().hiddenSize()));
        row("backend", "%s on %s; batches of %d".formatted(result.backend().name(), result.backend().device(),
                result.options().batchSize()));
        row("time", "%s: %s tokenizing, %s forward; model loaded in %s".formatted(Figures.seconds(evaluation.seconds()),
                Figures.seconds(evaluation.tokenizeSeconds()), Figures.seconds(evaluation.forwardSeconds()),
                Figures.seconds(result.loadSeconds())));
        row("speed", "%s sequences/s, %s tokens/s".formatted(Figures.count(evaluation.sequencesPerSecond()),
                Figures.count(evaluation.tokens() / evaluation.seconds())));
        line("");
    }

    private void exits() {
        double steps = 0;
        int open = result.examples();
        for (EarlyExit.Stage stage : evaluation.exits()) {
            steps += open * stage.schedule().mean();
            open -= stage.sequences();
        }
        if (!evaluation.exits().isEmpty()) {
            row("early exit", "margin %s; left after %s; mean T of what ran %s".formatted(result.early().margin(),
                    evaluation.exits().stream().map(stage -> "T = %s: %d".formatted(stage.schedule(), stage.sequences()))
                            .collect(Collectors.joining(", ")),
                    Figures.threeDigits(steps / result.examples())));
        }
    }

    private void cost() {
        Cost cost = evaluation.cost();
        EnergyModel factors = EnergyModel.FORTY_FIVE_NANOMETRES;
        double sequences = result.examples();
        row("SOPs", "%s a sequence   spikes x %s weights: one accumulate (AC) each".formatted(
                padded(Figures.count(cost.synapticOperations() / sequences)), cost.countsLiveWeights() ? "live" : "all"));
        if (cost.fanOutOperations() != cost.synapticOperations()) {
            row("", "%s a sequence   if weights of 0 were added too".formatted(padded(Figures.count(cost.fanOutOperations() / sequences))));
        }
        row("MACs", "%s a sequence   products that spikes do not drive".formatted(padded(Figures.count(cost.macs() / sequences))));
        row("dense MACs", "%s a sequence   a dense network of the same shape".formatted(
                padded(Figures.count(cost.denseMacs() / sequences))));
        row("energy", "%s a sequence   %s of the dense network's %s".formatted(
                padded(Figures.joules(cost.joules() / sequences)), Figures.threeDigits(cost.joules() / cost.denseJoules()),
                Figures.joules(cost.denseJoules() / sequences)));
        row("", "arithmetic alone, at 45 nm: %s pJ an AC, %s pJ a MAC".formatted(
                factors.picojoulesPerAccumulate(), factors.picojoulesPerMac()));
    }

    private static String padded(String figure) {
        return "%-8s".formatted(figure);
    }

    private void populations() {
        if (evaluation.populations().isEmpty()) {
            return;
        }
        line("");
        line("  %-26s %5s %7s %9s".formatted("population", "T", "width", "density"));
        for (PopulationActivity activity : evaluation.populations()) {
            line("  %-26s %5d %7d %9s  %s".formatted(activity.population(), activity.timesteps(), activity.width(),
                    Figures.percent(activity.density()), bar(activity.density())));
        }
    }

    private String bar(double share) {
        return (unicode ? "▪" : "#").repeat((int) Math.round(share * BAR));
    }

    private void row(String name, String value) {
        line("  %-12s %s".formatted(name, value));
    }

    private void line(String content) {
        text.append(content.stripTrailing()).append('\n');
    }
}
