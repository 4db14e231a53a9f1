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
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
                    throw new InvalidInputException("%s, line %d: neither of 'bench gpu' nor of time_loop.py"
                            .formatted(file, lines.size() + 1));
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

    /** Figures of one device. */
    private record OfDevice(List<JsonObject> lines) {
        private static final List<String> KEY =
                List.of("schema", "what", "weights", "operation", "shape", "length", "sequences", "timesteps", "precision", "order", "graph");

        void write(String device, StringBuilder page) {
            page.append("%n## %s%n%n".formatted(device));
            lines.stream().map(line -> text(line, "date").substring(0, 10)).max(Comparator.naturalOrder())
                    .ifPresent(date -> page.append("Newest line of %s.%n".formatted(date)));
            checked(page);
            newest("what", "ceilings").stream().findFirst().ifPresent(line -> ceilings(line.getAsJsonObject("ceilings"), page));
            bySetting(newest("what", "forward"), List.of("shape", "length", "sequences")).forEach(forwards -> forwards(forwards, page));
            bySetting(newest("what", "kernel"), List.of("shape", "length")).forEach(kernels -> kernels(kernels, page));
        }

        private void checked(StringBuilder page) {
            List<JsonObject> agreements = newest("what", "check").stream().map(line -> line.getAsJsonObject("agreement")).toList();
            page.append("Checked first: %,d spikes of %d settings against the float64 oracle, %d wrong, %d within rounding of the threshold.%n"
                    .formatted(sum(agreements, "spikes"), agreements.size(), sum(agreements, "wrong"), sum(agreements, "rounded")));
        }

        private static long sum(List<JsonObject> objects, String field) {
            return objects.stream().mapToLong(object -> object.get(field).getAsLong()).sum();
        }

        /** Names end with their unit. */
        private static void ceilings(JsonObject ceilings, StringBuilder page) {
            page.append("Ceilings: %s.%n".formatted(ceilings.entrySet().stream().map(entry -> {
                int unit = entry.getKey().lastIndexOf(' ');
                return "%s %.0f%s".formatted(entry.getKey().substring(0, unit), median(entry.getValue().getAsJsonObject()),
                        entry.getKey().substring(unit));
            }).collect(Collectors.joining(", "))));
        }

        private void forwards(List<JsonObject> forwards, StringBuilder page) {
            JsonObject first = forwards.getFirst();
            page.append("%n### Forward pass: %s, %s x %s tokens%n%nMilliseconds of the device, median.%n%n".formatted(
                    text(first, "shape"), text(first, "sequences"), text(first, "length")));
            Table table = new Table(timesteps(forwards), page);
            table.head("");
            for (WeightKind kind : WeightKind.values()) {
                table.row("LeanSpike, %s weights".formatted(kind), forwards.stream().filter(line -> is(line, "weights", kind.toString())).toList(),
                        line -> line.getAsJsonObject("milliseconds"));
            }
            for (String peer : first.getAsJsonObject("dense_milliseconds").keySet()) {
                table.row("its products alone, cuBLAS " + peer + ", T folded in", forwards,
                        line -> line.getAsJsonObject("dense_milliseconds").getAsJsonObject(peer));
            }
            List<JsonObject> peers = newest("schema", PEERS).stream().filter(line -> List.of("shape", "length", "sequences").stream()
                    .allMatch(field -> text(line, field).equals(text(first, field)))).toList();
            peers.stream().map(OfDevice::peer).distinct().forEach(name -> table.row(name,
                    peers.stream().filter(line -> peer(line).equals(name)).toList(), line -> line.getAsJsonObject("milliseconds")));
        }

        private static String peer(JsonObject line) {
            return "PyTorch %s, %s, %s%s".formatted(text(line, "torch"), text(line, "precision"),
                    is(line, "order", "loop") ? "time loop" : "T folded in", is(line, "graph", "true") ? ", CUDA graph" : "");
        }

        private static void kernels(List<JsonObject> kernels, StringBuilder page) {
            page.append("%n### Kernels: %s, 1 x %s tokens, second-level cache flushed%n%n".formatted(
                    text(kernels.getFirst(), "shape"), text(kernels.getFirst(), "length")));
            page.append("Microseconds, median; 20%% of the units spike.%n%n".formatted());
            Table table = new Table(timesteps(kernels), page);
            table.head(" weights |");
            kernels.stream().map(OfDevice::kernel).distinct().forEach(name -> table.row(name,
                    kernels.stream().filter(line -> kernel(line).equals(name)).toList(), line -> line.getAsJsonObject("microseconds")));
        }

        private static String kernel(JsonObject line) {
            return text(line, "operation") + " | " + text(line, "weights");
        }

        private static List<Integer> timesteps(List<JsonObject> lines) {
            return lines.stream().map(line -> line.get("timesteps").getAsInt()).distinct().sorted().toList();
        }

        /** Lines that agree in these fields, settings in order. */
        private static Collection<List<JsonObject>> bySetting(List<JsonObject> lines, List<String> fields) {
            return lines.stream().sorted(Comparator.comparing((JsonObject line) -> text(line, "shape"))
                            .thenComparingInt(line -> line.get("length").getAsInt())
                            .thenComparingInt(line -> line.has("sequences") ? line.get("sequences").getAsInt() : 0))
                    .collect(Collectors.groupingBy(line -> fields.stream().map(field -> text(line, field)).toList(), LinkedHashMap::new,
                            Collectors.toList())).values();
        }

        /** Of everything measured whose field has this value, the newest line. */
        private List<JsonObject> newest(String field, String value) {
            Map<List<String>, JsonObject> newest = new LinkedHashMap<>();
            lines.stream().filter(line -> is(line, field, value))
                    .forEach(line -> newest.put(KEY.stream().map(part -> text(line, part)).toList(), line));
            return List.copyOf(newest.values());
        }

        private static boolean is(JsonObject line, String field, String value) {
            return text(line, field).equals(value);
        }

        private static String text(JsonObject line, String field) {
            return line.has(field) ? line.get(field).getAsString() : "";
        }

        private static double median(JsonObject spread) {
            return GSON.fromJson(spread, Spread.class).median();
        }
    }

    /** A Markdown table with a column for each T. */
    private record Table(List<Integer> timesteps, StringBuilder page) {

        /** @param more heads of columns before those of T */
        void head(String more) {
            page.append("| |%s%s%n".formatted(more, timesteps.stream().map(t -> " T = " + t + " |").collect(Collectors.joining())));
            page.append("|---|%s%s%n".formatted(more.isEmpty() ? "" : "---|", "--:|".repeat(timesteps.size())));
        }

        /** Nothing where there is no figure. */
        void row(String name, List<JsonObject> lines, Function<JsonObject, JsonObject> figure) {
            if (lines.isEmpty()) {
                return;
            }
            page.append("| %s |%s%n".formatted(name, timesteps.stream().map(t -> lines.stream()
                    .filter(line -> line.get("timesteps").getAsInt() == t).findFirst()
                    .map(line -> " %.3g |".formatted(OfDevice.median(figure.apply(line)))).orElse(" |")).collect(Collectors.joining())));
        }
    }
}
