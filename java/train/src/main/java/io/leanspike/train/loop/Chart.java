package io.leanspike.train.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Lines over steps as SVG, with axes, a grid at round numbers, and a legend that gives each line's last value. */
record Chart(List<Line> lines) {
    private static final int WIDTH = 920;
    private static final int HEIGHT = 300;
    private static final int LEFT = 64;
    private static final int RIGHT = 12;
    private static final int TOP = 12;
    private static final int BOTTOM = 36;
    /** Points that a line is drawn through; more of them are averaged. */
    private static final int MOST_POINTS = 600;
    private static final List<String> COLOURS = List.of("#2f6fde", "#d9572b", "#2a9d5c", "#9b59c4", "#b8860b", "#3aa6b9");

    record Point(double x, double y) {}

    /** A named line; its points rise in x. */
    record Line(String name, List<Point> points) {

        /** At most {@value #MOST_POINTS} points, each the mean of its neighbours. */
        private List<Point> thinned() {
            int each = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
            if (each <= 1) {
                return points;
            }
            List<Point> thin = new ArrayList<>();
            for (int from = 0; from < points.size(); from += each) {
                List<Point> part = points.subList(from, Math.min(from + each, points.size()));
                thin.add(new Point(part.getLast().x(), part.stream().mapToDouble(Point::y).average().orElseThrow()));
            }
            return thin;
        }
    }

    String svg() {
        double last = lines.stream().mapToDouble(line -> line.points().getLast().x()).max().orElseThrow();
        double low = lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::y).min().orElseThrow();
        double high = lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::y).max().orElseThrow();
        double between = tick((high - low) / 4, Math.max(Math.abs(high), 1e-6) / 100);
        double floor = Math.floor(low / between) * between;
        double ceiling = Math.max(Math.ceil(high / between) * between, floor + between);
        Scale x = new Scale(0, Math.max(last, 1), LEFT, WIDTH - RIGHT);
        Scale y = new Scale(floor, ceiling, HEIGHT - BOTTOM, TOP);
        StringBuilder svg = new StringBuilder("<svg viewBox=\"0 0 %d %d\" role=\"img\">".formatted(WIDTH, HEIGHT));
        for (double at = floor; at <= ceiling + between / 2; at += between) {
            svg.append(text("<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, y.of(at), y.of(at)));
            svg.append(text("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 8, y.of(at) + 4, number(at, between)));
        }
        double steps = tick(Math.max(last, 1) / 7, 1);
        for (double at = 0; at <= last; at += steps) {
            svg.append(text("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    x.of(at), HEIGHT - BOTTOM + 18, number(at, steps)));
        }
        svg.append(text("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">step</text>", WIDTH - RIGHT, HEIGHT - 2));
        for (int i = 0; i < lines.size(); i++) {
            List<Point> points = lines.get(i).thinned();
            svg.append(text("<polyline stroke=\"%s\" points=\"%s\"/>", colour(i), points.stream()
                    .map(point -> text("%.1f,%.1f", x.of(point.x()), y.of(point.y()))).collect(Collectors.joining(" "))));
            if (points.size() <= 60) {
                for (Point point : points) {
                    svg.append(text("<circle fill=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s %.4f at step %.0f</title></circle>",
                            colour(i), x.of(point.x()), y.of(point.y()), lines.get(i).name(), point.y(), point.x()));
                }
            }
        }
        return svg.append("</svg>").append(legend()).toString();
    }

    private String legend() {
        StringBuilder legend = new StringBuilder("<p class=\"legend\">");
        for (int i = 0; i < lines.size(); i++) {
            legend.append(text("<span><i style=\"background: %s\"></i>%s %.4g</span> ",
                    colour(i), lines.get(i).name(), lines.get(i).points().getLast().y()));
        }
        return legend.append("</p>").toString();
    }

    private static String colour(int line) {
        return COLOURS.get(line % COLOURS.size());
    }

    private record Scale(double from, double to, double start, double end) {
        double of(double value) {
            return start + (end - start) * (value - from) / (to - from);
        }
    }

    /** The round number (1, 2 or 5 times a power of ten) next above, at least {@code least}. */
    private static double tick(double wanted, double least) {
        double atLeast = Math.max(wanted, least);
        double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
        for (int factor : new int[] {1, 2, 5}) {
            if (factor * power >= atLeast * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    /** With as many decimals as tell two ticks apart. */
    private static String number(double value, double between) {
        int decimals = Math.max(0, (int) Math.ceil(-Math.log10(between) - 1e-9));
        return text("%." + decimals + "f", value);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
