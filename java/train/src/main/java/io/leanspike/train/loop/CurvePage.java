package io.leanspike.train.loop;

import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;

/** The loss and the dev scores of a training, drawn as SVG in one HTML page without scripts. */
final class CurvePage {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 260;
    private static final int MARGIN = 50;

    private record Point(double x, double y) {}

    private CurvePage() {}

    static void write(Path file, List<JsonObject> lines, String settings) {
        List<Point> loss = lines.stream().filter(line -> line.has("loss"))
                .map(line -> new Point(line.get("step").getAsDouble(), line.get("loss").getAsDouble())).toList();
        List<Point> dev = lines.stream().filter(line -> line.has("dev"))
                .map(line -> new Point(line.get("step").getAsDouble(), firstScore(line.getAsJsonObject("dev")))).toList();
        String page = """
                <!doctype html><html lang="en"><meta charset="utf-8"><title>Training</title>
                <body style="font-family: sans-serif"><h1>Training</h1><p>%s</p>
                <h2>Loss</h2>%s<h2>Score on dev</h2>%s</body></html>
                """.formatted(escaped(settings), chart(loss, "#1565c0"), chart(dev, "#2e7d32"));
        Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        try {
            Files.writeString(temporary, page);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, e), e);
        }
    }

    private static double firstScore(JsonObject dev) {
        return dev.entrySet().iterator().next().getValue().getAsDouble();
    }

    private static String chart(List<Point> points, String colour) {
        if (points.isEmpty()) {
            return "<p>none yet</p>";
        }
        double most = points.getLast().x();
        double low = points.stream().mapToDouble(Point::y).min().orElseThrow();
        double high = Math.max(points.stream().mapToDouble(Point::y).max().orElseThrow(), low + 1e-9);
        String path = points.stream().map(point -> "%.1f,%.1f".formatted(
                MARGIN + (WIDTH - MARGIN) * point.x() / most,
                HEIGHT - (HEIGHT - 10) * (point.y() - low) / (high - low))).collect(Collectors.joining(" "));
        return """
                <svg width="%d" height="%d" role="img"><polyline points="%s" fill="none" stroke="%s"/>
                <text x="0" y="15">%.4f</text><text x="0" y="%d">%.4f</text><text x="%d" y="%d" text-anchor="end">step %.0f</text></svg>
                """.formatted(WIDTH, HEIGHT + 20, path, colour, high, HEIGHT, low, WIDTH, HEIGHT + 18, most);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
