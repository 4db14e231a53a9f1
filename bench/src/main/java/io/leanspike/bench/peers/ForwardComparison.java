package io.leanspike.bench.peers;

import io.leanspike.bench.Spread;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    static final String TABLE_HEAD = Stream.of("model", "weights", "density asked", "measured", "B x L", "T")
            .collect(Collectors.joining(" | ", "| ", " | "))
            + titles("", " ms a sequence") + titles("engine / ", "") + "products' time | products GMAC/s |\n"
            + "|---|---|---|---:|---:|---:|" + "---:|".repeat(Entrant.values().length) + "---:|".repeat(Entrant.values().length - 1) + "---:|---:|";

    private static String titles(String before, String after) {
        return Stream.of(Entrant.values()).filter(entrant -> before.isEmpty() || entrant != Entrant.ENGINE)
                .map(entrant -> before + entrant.title() + after + " | ").collect(Collectors.joining());
    }

    /** Over the kinds of populations. */
    double density() {
        return densities.values().stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** A line of the Markdown table under {@link #TABLE_HEAD}; a dash for who did not take part. */
    String tableRow() {
        String times = Stream.of(Entrant.values()).map(entrant -> cell(sequencesPerSecond.get(entrant.key()), 1000)).collect(Collectors.joining());
        String ratios = Stream.of(Entrant.values()).filter(entrant -> entrant != Entrant.ENGINE)
                .map(entrant -> ratio.containsKey(entrant.key()) ? ratio.get(entrant.key()) + " | " : "– | ").collect(Collectors.joining());
        return "| %s | %s | %s | %.0f%% | %d x %d | %d | %s%s%.0f%% | %.0f |".formatted(setting.model(), setting.weights(), setting.density(),
                100 * density(), setting.sequences(), setting.length(), setting.timesteps(), times, ratios,
                100 * products.get(SplitForward.SHARE).median(), products.get(SplitForward.GMAC).median());
    }

    private static String cell(Spread rate, double over) {
        return rate == null ? "– | " : "%s | ".formatted(new Spread(over / rate.median(), over / rate.upperQuartile(), over / rate.lowerQuartile()));
    }

    /** Sorted, so that lines of equal content are equal. */
    ForwardComparison {
        densities = new TreeMap<>(densities);
    }
}
