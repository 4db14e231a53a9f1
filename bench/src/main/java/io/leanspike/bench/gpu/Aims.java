package io.leanspike.bench.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What the kernels are meant to reach, and which of them do not. */
final class Aims {
    private static final double BYTES = 1.25;
    private static final double CONFLICTS = 1.05;
    private static final double LANES = 0.95;
    private static final double OTHERS = 4;
    private static final int LAUNCHES = 6;

    private Aims() {}

    /** A line for each aim, the kernels that miss it with their figure, worst first. */
    static List<String> lines(List<CountedKernel> kernels, int launchesOfLayer) {
        List<String> lines = new ArrayList<>();
        lines.add(atMost("bytes moved / least that must move", BYTES, kernels, CountedKernel::bytesOverLeast, kernel -> true));
        lines.add(atMost("bank-conflict factor", CONFLICTS, kernels, kernel -> kernel.counters().conflictFactor(), kernel -> true));
        lines.add(atMost("idle lanes", 1 - LANES, kernels, kernel -> 1 - kernel.counters().activeLanes(), kernel -> true));
        lines.add(atMost("other instructions a matrix instruction in spike_matmul", OTHERS, kernels, CountedKernel::othersPerMatrix,
                kernel -> kernel.launch().entry().startsWith("spike_matmul")));
        lines.add("launches an encoder layer: %d, and 1 of synapse_count for ternary weights, aim at most %d: %s".formatted(
                launchesOfLayer, LAUNCHES, launchesOfLayer <= LAUNCHES ? "reached" : "missed"));
        return lines;
    }

    private static String atMost(String what, double aim, List<CountedKernel> kernels, ToDoubleFunction<CountedKernel> figure,
            Predicate<CountedKernel> concerned) {
        List<CountedKernel> all = kernels.stream().filter(concerned).toList();
        List<String> missed = all.stream().filter(kernel -> figure.applyAsDouble(kernel) > aim)
                .sorted(Comparator.comparingDouble(figure).reversed())
                .map(kernel -> String.format(Locale.ROOT, "%s %s T=%d %.3g", kernel.operation().name(), kernel.weights(), kernel.timesteps(),
                        figure.applyAsDouble(kernel))).distinct().toList();
        double worst = all.stream().mapToDouble(figure).max().orElse(0);
        return String.format(Locale.ROOT, "%s: aim at most %.3g, worst %.3g: %s", what, aim, worst,
                missed.isEmpty() ? "reached by all " + all.size() : "missed by %d of %d: %s".formatted(missed.size(), all.size(), String.join("; ", missed)));
    }
}
