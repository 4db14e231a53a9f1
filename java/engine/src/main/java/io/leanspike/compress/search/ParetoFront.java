package io.leanspike.compress.search;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The points that no other beats: none is at least as good in the metric and every cost, and better in one. */
public final class ParetoFront {
    private ParetoFront() {}

    /**
     * Of several points with the same figures the first; the cheapest first.
     *
     * @param floor points whose metric is below it are left out
     */
    public static List<Point> of(Collection<Point> points, List<SearchCost> costs, double floor) {
        Map<List<Double>, Point> distinct = new LinkedHashMap<>();
        points.stream().filter(point -> point.outcome().metric() >= floor)
                .forEach(point -> distinct.putIfAbsent(figures(point, costs), point));
        return distinct.entrySet().stream()
                .filter(entry -> distinct.keySet().stream().noneMatch(other -> dominates(other, entry.getKey())))
                .map(Map.Entry::getValue)
                .sorted(Comparator.comparingDouble(point -> costs.getFirst().of(point.outcome()))).toList();
    }

    /** The more the better. */
    static List<Double> figures(Point point, List<SearchCost> costs) {
        return Stream.concat(Stream.of(point.outcome().metric()), costs.stream().map(cost -> -cost.of(point.outcome()))).toList();
    }

    /** Whether {@code a} is nowhere less than {@code b}, and somewhere more. */
    static boolean dominates(List<Double> a, List<Double> b) {
        boolean more = false;
        for (int i = 0; i < a.size(); i++) {
            int sign = Double.compare(a.get(i), b.get(i));
            if (sign < 0) {
                return false;
            }
            more |= sign > 0;
        }
        return more;
    }
}
