package io.leanspike.bench.peers;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Lines over a few marked places of the horizontal axis, with a logarithmic vertical axis, as a picture in SVG.
 *
 * @param places names of the horizontal axis's marks, evenly spaced
 */
record LinePlot(String title, String horizontal, String vertical, List<String> places, List<Series> series) {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 420;
    private static final int LEFT = 70;
    private static final int RIGHT = 190;
    private static final int TOP = 40;
    private static final int BOTTOM = 60;
    private static final int LABEL_HEIGHT = 16;
    /** Okabe and Ito's palette, which colour-blind readers can tell apart. */
    private static final List<String> COLOURS = List.of("#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#cc79a7", "#009e73", "#000000");

    /** @param values one for each place; not a number where there is none; otherwise above 0 */
    record Series(String name, List<Double> values) {}

    /** @throws IllegalArgumentException when nothing is to be drawn, or a series does not fit the places */
    LinePlot {
        if (series.stream().anyMatch(line -> line.values().size() != places.size()) || values(series).findAny().isEmpty()) {
            throw new IllegalArgumentException("a plot of nothing, or with other places than values");
        }
    }

    private static Stream<Double> values(List<Series> series) {
        return series.stream().flatMap(line -> line.values().stream()).filter(value -> !value.isNaN());
    }

    String svg() {
        int low = (int) Math.floor(Math.log10(values(series).min(Double::compare).orElseThrow()));
        int high = Math.max(low + 1, (int) Math.ceil(Math.log10(values(series).max(Double::compare).orElseThrow())));
        StringBuilder svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">
                <!-- %s -->
                <title>%s</title>
                <rect width="%d" height="%d" fill="white"/>
                """.formatted(WIDTH, HEIGHT, PeersPage.MARK, escaped(title), WIDTH, HEIGHT));
        text(svg, WIDTH / 2.0, 22, "middle", title);
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 15, "middle", horizontal);
        svg.append("<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>%n".formatted(
                (TOP + HEIGHT - BOTTOM) / 2, escaped(vertical)));
        for (int power = low; power <= high; power++) {
            double y = y(Math.pow(10, power), low, high);
            svg.append("<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n".formatted(LEFT, y, WIDTH - RIGHT, y));
            text(svg, LEFT - 8, y + 4, "end", power < 0 ? String.format(Locale.ROOT, "%." + -power + "f", Math.pow(10, power)) : "1" + "0".repeat(power));
        }
        for (int i = 0; i < places.size(); i++) {
            text(svg, x(i), HEIGHT - BOTTOM + 20, "middle", places.get(i));
        }
        for (int i = 0; i < series.size(); i++) {
            draw(svg, series.get(i), COLOURS.get(i % COLOURS.size()), TOP + LABEL_HEIGHT * i, low, high);
        }
        return svg.append("</svg>\n").toString();
    }

    private void draw(StringBuilder svg, Series line, String colour, int labelY, int low, int high) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < places.size(); i++) {
            double value = line.values().get(i);
            if (!Double.isNaN(value)) {
                points.append("%.1f,%.1f ".formatted(x(i), y(value, low, high)));
                svg.append("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"><title>%s: %.3g</title></circle>%n".formatted(
                        x(i), y(value, low, high), colour, escaped(line.name()), value));
            }
        }
        svg.append("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n".formatted(points.toString().strip(), colour));
        svg.append("<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/>%n".formatted(WIDTH - RIGHT + 16, labelY + 4, colour));
        text(svg, WIDTH - RIGHT + 36, labelY + 10, "start", line.name());
    }

    private double x(int place) {
        return LEFT + (WIDTH - RIGHT - LEFT) * (place + 0.5) / places.size();
    }

    private static double y(double value, int low, int high) {
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (Math.log10(value) - low) / (high - low);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n".formatted(x, y, anchor, escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
