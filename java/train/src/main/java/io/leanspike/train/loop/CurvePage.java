package io.leanspike.train.loop;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Loss with its parts, scores, gradient and learning rate of a training: one HTML page without scripts. */
final class CurvePage {
    /** Fields of a line of metrics that are no part of the loss. */
    private static final Set<String> OTHERS = Set.of("step", "epoch", "skipped", "gradient_norm", "learning_rate", "dev");

    private CurvePage() {}

    /** Writes the page atomically. @param file in the training's folder {@code training/} @param lines of its metrics */
    static void write(Path file, List<JsonObject> lines, String settings) {
        Map<String, List<Chart.Point>> loss = new LinkedHashMap<>();
        Map<String, List<Chart.Point>> scores = new LinkedHashMap<>();
        Map<String, List<Chart.Point>> gradient = new LinkedHashMap<>();
        Map<String, List<Chart.Point>> rate = new LinkedHashMap<>();
        for (JsonObject line : lines) {
            double step = line.get("step").getAsDouble();
            if (line.has("dev")) {
                line.getAsJsonObject("dev").entrySet().forEach(score -> add(scores, score.getKey(), step, score.getValue()));
            }
            line.entrySet().stream().filter(field -> !OTHERS.contains(field.getKey()))
                    .forEach(field -> add(loss, field.getKey(), step, field.getValue()));
            line.entrySet().stream().filter(field -> field.getKey().equals("gradient_norm"))
                    .forEach(field -> add(gradient, "norm before it is limited", step, field.getValue()));
            line.entrySet().stream().filter(field -> field.getKey().equals("learning_rate"))
                    .forEach(field -> add(rate, "learning rate", step, field.getValue()));
        }
        String name = escaped(file.toAbsolutePath().getParent().getParent().getFileName().toString());
        String page = """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Training: %s</title>
                <style>
                body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
                h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .2rem; } svg { width: 100%%; height: auto; display: block; }
                svg text { font: 12px system-ui, sans-serif; fill: #666; } .grid { stroke: #e3e3e3; } polyline { fill: none; stroke-width: 1.8; }
                .legend { margin: .2rem 0 0 4rem; color: #555; } .legend span { margin-right: 1.2rem; white-space: nowrap; }
                .legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .35rem; vertical-align: -1px; }
                ul { color: #555; padding-left: 1.2rem; columns: 2; font-size: .85rem; } li { break-inside: avoid; overflow-wrap: anywhere; }
                @media (prefers-color-scheme: dark) { body { color: #ddd; background: #16181c; } svg text, .legend, ul { fill: #aaa; color: #aaa; }
                .grid { stroke: #333840; } }
                </style></head>
                <body><h1>%s</h1>
                %s%s%s%s
                <h2>Settings</h2><ul>%s</ul>
                </body></html>
                """.formatted(name, name, section("Scores on text that is not trained on", scores),
                section("Loss and its parts, unweighted", loss), section("Gradient", gradient),
                section("Learning rate", rate), settings(settings));
        Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        try {
            Files.writeString(temporary, page);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    private static void add(Map<String, List<Chart.Point>> lines, String name, double step, JsonElement value) {
        lines.computeIfAbsent(name, fresh -> new ArrayList<>()).add(new Chart.Point(step, value.getAsDouble()));
    }

    private static String section(String title, Map<String, List<Chart.Point>> lines) {
        String chart = lines.isEmpty() ? "<p>none yet</p>" : new Chart(lines.entrySet().stream()
                .map(line -> new Chart.Line(escaped(line.getKey()), line.getValue())).toList()).svg();
        return "<h2>%s</h2>%s\n".formatted(title, chart);
    }

    private static String settings(String settings) {
        StringBuilder items = new StringBuilder();
        for (String setting : settings.split(", ")) {
            items.append("<li>").append(escaped(setting)).append("</li>");
        }
        return items.toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
