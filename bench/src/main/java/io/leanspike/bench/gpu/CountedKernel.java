package io.leanspike.bench.gpu;

import com.google.gson.JsonObject;
import io.leanspike.backend.cuda.LaunchShape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A launch that the software GPU has executed, and all that follows from its counts.
 *
 * @param densities share of the units that spike, all those at which the counts are the same
 * @param leastBytes that the operation must move
 * @param needs by architecture
 */
record CountedKernel(GpuOperation operation, String weights, int timesteps, List<Double> densities, LaunchShape launch,
        KernelCounters counters, double leastBytes, Map<String, KernelNeeds.Need> needs) {

    static final String TABLE_HEAD = """
            | operation | kernel | weights | T | density | warp instructions | matrix | others a matrix instruction | lanes | bank conflicts | sectors a request | bytes / least | registers %1$s | occupancy %1$s | A100 | H100 |
            |---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|---|---|---|""";

    /** Instructions that are neither matrix instructions nor register moves, for each matrix instruction; 0 without any. */
    double othersPerMatrix() {
        double matrix = counters.instructions("matrix");
        return matrix == 0 ? 0 : (counters.instructions() - matrix) / matrix;
    }

    double bytesOverLeast() {
        return counters.memoryBytes() / leastBytes;
    }

    /** The same launch, with the densities of one whose counts are equal. */
    CountedKernel with(CountedKernel equal) {
        List<Double> all = java.util.stream.Stream.concat(densities.stream(), equal.densities.stream()).toList();
        return new CountedKernel(operation, weights, timesteps, all, launch, counters, leastBytes, needs);
    }

    boolean countsLike(CountedKernel other) {
        return launch.equals(other.launch) && weights.equals(other.weights) && timesteps == other.timesteps
                && operation.name().equals(other.operation.name()) && counters.equals(other.counters);
    }

    String tableRow() {
        return String.format(Locale.ROOT, "| %s | `%s` | %s | %d | %s | %s | %s | %s | %.1f%% | %.3f | %.1f | %.2f | %s | %s | %s | %s |",
                operation.name(), launch.entry(), weights, timesteps,
                densities.stream().map(d -> String.format(Locale.ROOT, "%.0f%%", 100 * d)).collect(Collectors.joining(" ")),
                count(counters.instructions()),
                counters.matrixShare() == 0 ? "-" : String.format(Locale.ROOT, "%.0f%%", 100 * counters.matrixShare()),
                counters.matrixShare() == 0 ? "-" : String.format(Locale.ROOT, "%.1f", othersPerMatrix()),
                100 * counters.activeLanes(), counters.conflictFactor(), counters.sectorsPerRequest(), bytesOverLeast(),
                needs.values().stream().map(need -> String.valueOf(need.registers())).collect(Collectors.joining(" ")),
                Arrays.stream(Architecture.values()).map(this::occupancy).collect(Collectors.joining(" ")), predicted(GpuSpec.A100), predicted(GpuSpec.H100));
    }

    private String occupancy(Architecture architecture) {
        KernelNeeds.Need need = needs.get(architecture.toString());
        return need == null ? "-" : String.format(Locale.ROOT, "%.0f%%", 100 * Occupancy.of(architecture, launch, need).warps());
    }

    private String predicted(GpuSpec gpu) {
        Roofline roof = Roofline.of(gpu, counters);
        return String.format(Locale.ROOT, "%.1f us, %s", roof.microseconds(), roof.bound());
    }

    private static String count(double instructions) {
        return instructions >= 1e6 ? String.format(Locale.ROOT, "%.2f M", instructions / 1e6)
                : String.format(Locale.ROOT, "%.1f k", instructions / 1e3);
    }

    /** All figures; ratios beside what they are made of. */
    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("operation", operation.name());
        json.addProperty("kernel", launch.entry());
        json.addProperty("weights", weights);
        json.addProperty("timesteps", timesteps);
        json.add("densities", Json.tree(densities));
        json.add("launch", Json.tree(launch));
        json.addProperty("others_per_matrix_instruction", othersPerMatrix());
        json.addProperty("least_bytes", leastBytes);
        json.addProperty("bytes_over_least", bytesOverLeast());
        json.addProperty("bank_conflict_factor", counters.conflictFactor());
        json.addProperty("active_lanes", counters.activeLanes());
        json.addProperty("sectors_per_request", counters.sectorsPerRequest());
        json.add("needs", Json.tree(needs));
        JsonObject predictions = new JsonObject();
        for (GpuSpec gpu : GpuSpec.values()) {
            Roofline roof = Roofline.of(gpu, counters);
            JsonObject one = new JsonObject();
            one.addProperty("microseconds", roof.microseconds());
            one.addProperty("bound", roof.bound().toString());
            predictions.add(gpu.title, one);
        }
        json.add("predicted", predictions);
        JsonObject occupancies = new JsonObject();
        for (Architecture architecture : Architecture.values()) {
            Optional.ofNullable(needs.get(architecture.toString())).ifPresent(need ->
                    occupancies.addProperty(architecture.toString(), Occupancy.of(architecture, launch, need).warps()));
        }
        json.add("occupancy", occupancies);
        json.add("counters", counters.json());
        return json;
    }
}
