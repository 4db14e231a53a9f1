package io.leanspike.bench.gpu;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.leanspike.backend.WeightKind;
import io.leanspike.bench.Spread;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a GPU said, as Markdown: the lines of {@code bench gpu} and of {@code bench/gpu/time_loop.py} in one file. Of figures measured
 * more than once on a device the newest stand.
 */
public final class GpuPage {
    private static final String OURS = "leanspike.gpu/1";
    private static final String PEERS = "leanspike.gpu-peer/1";
    private static final Gson GSON = new Gson();

    private final List<JsonObject> lines;

    private GpuPage(List<JsonObject> lines) {
        this.lines = lines;
    }

    /** Whether a line is one of such a file. */
    public static boolean isOne(String line) {
        return line.contains("\"" + OURS + "\"") || line.contains("\"" + PEERS + "\"");
    }

    /** @throws InvalidInputException naming the line that is none */
    public static GpuPage read(Path file) {
        List<JsonObject> lines = new ArrayList<>();
        try {
            for (String text : Files.readAllLines(file)) {
                if (!isOne(text)) {
                    throw new InvalidInputException("%s, line %d: neither of 'bench gpu' nor of time_loop.py".formatted(file, lines.size() + 1));
                }
                lines.add(JsonParser.parseString(text).getAsJsonObject());
            }
        } catch (JsonParseException | IllegalStateException e) {
            throw new InvalidInputException("%s, line %d: no JSON object".formatted(file, lines.size() + 1), e);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, FileFailure.words(e)), e);
        }
        return new GpuPage(lines);
    }

    /** @param mark that says who made it */
    public String markdown(String mark) {
        StringBuilder page = new StringBuilder("<!-- %s -->%n# On a GPU%n".formatted(mark));
        lines.stream().map(GpuPage::device).distinct().forEach(device -> new OfDevice(
                lines.stream().filter(line -> device(line).equals(device)).toList()).write(device, page));
        return page.toString();
    }

    /** PyTorch does not say the architecture. */
    private static String device(JsonObject line) {
        return line.get("device").getAsString().replaceFirst(" \\(sm_\\d+\\)$", "");
    }

    private record OfDevice(List<JsonObject> lines) {

        void write(String device, StringBuilder page) {
            page.append("%n## %s%n%n".formatted(device));
            lines.stream().map(line -> line.get("date").getAsString().substring(0, 10)).max(Comparator.naturalOrder())
                    .ifPresent(date -> page.append("Newest line of %s.%n".formatted(date)));
            checked(page);
            newest(line -> is(line, "what", "ceilings")).values().stream().findFirst().ifPresent(line -> page.append("Ceilings: %s.%n".formatted(
                    line.getAsJsonObject("ceilings").entrySet().stream().map(entry -> entry.getKey().replaceFirst(
                            "^(.*) (\\S+)$", "$1 %.0f $2".formatted(median(entry.getValue().getAsJsonObject())))).collect(Collectors.joining(", ")))));
            Map<String, JsonObject> forwards = newest(line -> is(line, "what", "forward"));
            new TreeSet<>(forwards.values().stream().map(line -> line.get("sequences").getAsInt()).toList())
                    .forEach(sequences -> forwards(forwards, sequences, page));
            kernels(page);
        }

        private void checked(StringBuilder page) {
            List<JsonObject> agreements = newest(line -> is(line, "what", "check")).values().stream()
                    .map(line -> line.getAsJsonObject("agreement")).toList();
            page.append("Checked first: %,d spikes of %d settings against the float64 oracle, %d wrong, %d within rounding of the threshold.%n".formatted(
                    sum(agreements, "spikes"), agreements.size(), sum(agreements, "wrong"), sum(agreements, "rounded")));
        }

        private static long sum(List<JsonObject> objects, String field) {
            return objects.stream().mapToLong(object -> object.get(field).getAsLong()).sum();
        }

        private void forwards(Map<String, JsonObject> forwards, int sequences, StringBuilder page) {
            List<JsonObject> ofBatch = forwards.values().stream().filter(line -> line.get("sequences").getAsInt() == sequences).toList();
            JsonObject first = ofBatch.getFirst();
            List<Integer> timesteps = ofBatch.stream().map(line -> line.get("timesteps").getAsInt()).distinct().sorted().toList();
            page.append("%n### Forward pass: %s, %d x %d tokens%n%nMilliseconds of the device, median.%n%n".formatted(
                    first.get("shape").getAsString(), sequences, first.get("length").getAsInt()));
            head(page, "", timesteps);
            for (WeightKind kind : WeightKind.values()) {
                row(page, "LeanSpike, %s weights".formatted(kind), timesteps, t -> ofBatch.stream()
                        .filter(line -> is(line, "weights", kind.toString()) && line.get("timesteps").getAsInt() == t).findFirst()
                        .map(line -> median(line.getAsJsonObject("milliseconds"))));
            }
            for (String peer : first.getAsJsonObject("dense_milliseconds").keySet()) {
                row(page, "its products alone, cuBLAS " + peer + ", T folded in", timesteps, t -> ofBatch.stream()
                        .filter(line -> line.get("timesteps").getAsInt() == t).findFirst()
                        .map(line -> median(line.getAsJsonObject("dense_milliseconds").getAsJsonObject(peer))));
            }
            Map<String, JsonObject> peers = newest(line -> is(line, "schema", PEERS) && line.get("sequences").getAsInt() == sequences);
            peers.values().stream().map(OfDevice::name).distinct().forEach(name -> row(page, name, timesteps, t -> peers.values().stream()
                    .filter(line -> name(line).equals(name) && line.get("timesteps").getAsInt() == t).findFirst()
                    .map(line -> median(line.getAsJsonObject("milliseconds")))));
        }

        private static String name(JsonObject line) {
            return "PyTorch %s, %s, %s%s".formatted(line.get("torch").getAsString(), line.get("precision").getAsString(),
                    line.get("order").getAsString().equals("loop") ? "time loop" : "T folded in", line.get("graph").getAsBoolean() ? ", CUDA graph" : "");
        }

        private void kernels(StringBuilder page) {
            Map<String, JsonObject> kernels = newest(line -> is(line, "what", "kernel"));
            if (kernels.isEmpty()) {
                return;
            }
            List<Integer> timesteps = kernels.values().stream().map(line -> line.get("timesteps").getAsInt()).distinct().sorted().toList();
            page.append("%n### Kernels: one sequence, second-level cache flushed%n%nMicroseconds, median; 20%% of the units spike.%n%n".formatted());
            head(page, " weights |", timesteps);
            kernels.values().stream().map(OfDevice::kernel).distinct().forEach(kernel -> row(page, kernel, timesteps, t -> kernels.values().stream()
                    .filter(line -> kernel(line).equals(kernel) && line.get("timesteps").getAsInt() == t).findFirst()
                    .map(line -> median(line.getAsJsonObject("microseconds")))));
        }

        private static String kernel(JsonObject line) {
            return line.get("operation").getAsString() + " | " + line.get("weights").getAsString();
        }

        private static void head(StringBuilder page, String more, List<Integer> timesteps) {
            page.append("| |").append(more).append(timesteps.stream().map(t -> " T = " + t + " |").collect(Collectors.joining())).append(System.lineSeparator());
            page.append("|---|").append(more.isEmpty() ? "" : "---|").append("--:|".repeat(timesteps.size())).append(System.lineSeparator());
        }

        /** A row that has a figure. */
        private static void row(StringBuilder page, String name, List<Integer> timesteps, Function<Integer, Optional<Double>> figure) {
            List<Optional<Double>> figures = timesteps.stream().map(figure).toList();
            if (figures.stream().anyMatch(Optional::isPresent)) {
                page.append("| %s |%s%n".formatted(name, figures.stream().map(value -> value.map(" %.3g |"::formatted).orElse(" |"))
                        .collect(Collectors.joining())));
            }
        }

        /** By what was measured, the newest line of each. */
        private Map<String, JsonObject> newest(Predicate<JsonObject> wanted) {
            Map<String, JsonObject> newest = new LinkedHashMap<>();
            for (JsonObject line : lines) {
                if (wanted.test(line)) {
                    newest.put(key(line), line);
                }
            }
            return newest;
        }

        private static String key(JsonObject line) {
            return List.of("what", "weights", "operation", "shape", "length", "sequences", "timesteps", "precision", "order", "graph").stream()
                    .map(field -> String.valueOf(line.get(field))).collect(Collectors.joining(" "));
        }

        private static boolean is(JsonObject line, String field, String value) {
            return line.has(field) && line.get(field).getAsString().equals(value);
        }

        private static double median(JsonObject spread) {
            return GSON.fromJson(spread, Spread.class).median();
        }
    }
}
