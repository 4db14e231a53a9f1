package io.leanspike.bench.peers;

import io.leanspike.bench.Spread;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One line of a run: whole forward passes of one model on one batch, measured by turns.
 *
 * @param densities share of the units that spiked in a timestep, measured; mean over the layers, by kind of population
 * @param gmac dense-equivalent products of a forward pass, in billions
 * @param sequencesPerSecond by {@link Entrant#key}
 * @param ratio the engine's speed over each other's, round by round, by {@link Entrant#key}
 * @param agreement of each spiking peer's logits with the engine's, by {@link Entrant#key}
 * @param products share of the engine's time and GMAC/s, by the names in {@link SplitForward}
 */
record ForwardComparison(Setting setting, Map<String, Double> densities, double gmac, Map<String, Spread> sequencesPerSecond,
        Map<String, Spread> ratio, Map<String, LogitAgreement> agreement, Map<String, Spread> products) {

    /** Times are milliseconds a sequence. */
    static final String TABLE_HEAD = "| model | density | B x L | T | "
            + Arrays.stream(Entrant.values()).map(entrant -> entrant.title() + " | ").collect(Collectors.joining()) + "products |\n"
            + "|---|---|---:|---:|" + "---:|".repeat(Entrant.values().length) + "---:|";

    /** Sorted, so that lines of equal content are equal. */
    ForwardComparison {
        densities = new TreeMap<>(densities);
    }

    /** Over the kinds of populations. */
    double density() {
        return densities.values().stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** The engine's speed over an entrant's; empty where that one did not take part. */
    Optional<Double> over(Entrant entrant) {
        return Optional.ofNullable(ratio.get(entrant.key())).map(Spread::median);
    }

    /** Median milliseconds a sequence; empty where the entrant did not take part. */
    Optional<Double> milliseconds(Entrant entrant) {
        return Optional.ofNullable(sequencesPerSecond.get(entrant.key())).map(rate -> 1000 / rate.median());
    }

    /**
     * A line of the Markdown table under {@link #TABLE_HEAD}: median milliseconds, half the distance of the quartiles in percent, and
     * how many times as fast the engine is; a dash for who did not take part.
     */
    String tableRow() {
        return "| %s %s | %s, %.0f%% | %d x %d | %d | %s%.0f%%, %.0f GMAC/s |".formatted(setting.model(), setting.weights(), setting.density(),
                100 * density(), setting.sequences(), setting.length(), setting.timesteps(),
                Arrays.stream(Entrant.values()).map(this::cell).collect(Collectors.joining()),
                100 * products.get(SplitForward.SHARE).median(), products.get(SplitForward.GMAC).median());
    }

    private String cell(Entrant entrant) {
        return milliseconds(entrant).map(time -> {
            Spread rate = sequencesPerSecond.get(entrant.key());
            return "%s ±%.0f%%%s | ".formatted(rounded(time), 50 * (rate.upperQuartile() - rate.lowerQuartile()) / rate.median(),
                    over(entrant).map(ratio -> ", **" + rounded(ratio) + "x**").orElse(""));
        }).orElse("– | ");
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
