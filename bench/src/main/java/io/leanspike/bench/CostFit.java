package io.leanspike.bench;

import java.util.ArrayList;
import java.util.List;

/** Costs of 0 or more that explain measured times as sums of known amounts of work, each time's error taken relative to it. */
final class CostFit {
    private record Sample(double[] work, double seconds) {}

    private final int costs;
    private final List<Sample> samples = new ArrayList<>();

    CostFit(int costs) {
        this.costs = costs;
    }

    /** @param work how much of each cost there was */
    void add(double seconds, double... work) {
        samples.add(new Sample(work.clone(), seconds));
    }

    /** The least squares among all choices of which costs are 0; there are few costs, so all choices are tried. */
    double[] costs() {
        double[] best = new double[costs];
        double least = error(best);
        for (int kept = 1; kept < 1 << costs; kept++) {
            double[] candidate = solve(kept);
            boolean sound = true;
            for (double cost : candidate) {
                sound &= cost >= 0 && Double.isFinite(cost);
            }
            if (sound && error(candidate) < least) {
                least = error(candidate);
                best = candidate;
            }
        }
        return best;
    }

    /** The root mean square of the relative errors. */
    double error(double[] of) {
        double squares = 0;
        for (Sample sample : samples) {
            double predicted = 0;
            for (int i = 0; i < costs; i++) {
                predicted += of[i] * sample.work[i];
            }
            squares += Math.pow(predicted / sample.seconds - 1, 2);
        }
        return Math.sqrt(squares / samples.size());
    }

    /** The normal equations of the costs in the bit set {@code kept}, by elimination; the others are 0. */
    private double[] solve(int kept) {
        double[][] a = new double[costs][costs + 1];
        for (int i = 0; i < costs; i++) {
            if ((kept >> i & 1) == 0) {
                a[i][i] = 1;
                continue;
            }
            for (Sample sample : samples) {
                double share = sample.work[i] / sample.seconds;
                for (int j = 0; j < costs; j++) {
                    a[i][j] += (kept >> j & 1) == 0 ? 0 : share * sample.work[j] / sample.seconds;
                }
                a[i][costs] += share;
            }
        }
        for (int i = 0; i < costs; i++) {
            for (int row = 0; row < costs; row++) {
                double factor = row == i ? 0 : a[row][i] / a[i][i];
                for (int j = i; j <= costs; j++) {
                    a[row][j] -= factor * a[i][j];
                }
            }
        }
        double[] solved = new double[costs];
        for (int i = 0; i < costs; i++) {
            solved[i] = a[i][costs] / a[i][i];
        }
        return solved;
    }
}
