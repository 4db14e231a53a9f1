package io.leanspike.compress.search;

import java.util.List;

/**
 * How a candidate stands in the selection: first by how far its metric falls below the budget, then by its figures (constrained domination:
 * Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", 2002).
 *
 * @param shortfall 0 within the budget
 * @param figures the metric and the negative logarithms of the costs, the more the better
 */
record Standing(double shortfall, List<Double> figures) implements Comparable<Standing> {

    /** 1 when {@code a} dominates, -1 when {@code b} does, else 0. */
    static int dominance(Standing a, Standing b) {
        if (a.shortfall != b.shortfall) {
            return a.shortfall < b.shortfall ? 1 : -1;
        }
        return ParetoFront.dominates(a.figures, b.figures) ? 1 : ParetoFront.dominates(b.figures, a.figures) ? -1 : 0;
    }

    static int compare(Standing a, Standing b, int figure) {
        return Double.compare(a.figures.get(figure), b.figures.get(figure));
    }

    static double distance(Standing a, Standing b, int figure) {
        return a.figures.get(figure) - b.figures.get(figure);
    }

    int dimensions() {
        return figures.size();
    }

    /** A total order, which no selection here depends on. */
    @Override
    public int compareTo(Standing other) {
        int byShortfall = Double.compare(other.shortfall, shortfall);
        return byShortfall != 0 ? byShortfall : compare(this, other, 0);
    }
}
