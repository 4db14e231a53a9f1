package io.leanspike.compress;

/** Least squares, output by output: {@code wanted ~ factor * found + offset}, from pairs added one token after the other. */
final class CurrentFit {
    private final double[] wanted;
    private final double[] found;
    private final double[] squares;
    private final double[] products;
    private long count;

    CurrentFit(int outputs) {
        wanted = new double[outputs];
        found = new double[outputs];
        squares = new double[outputs];
        products = new double[outputs];
    }

    void add(double[] wantedNow, double[] foundNow) {
        count++;
        for (int n = 0; n < wanted.length; n++) {
            wanted[n] += wantedNow[n];
            found[n] += foundNow[n];
            squares[n] += foundNow[n] * foundNow[n];
            products[n] += foundNow[n] * wantedNow[n];
        }
    }

    /** The best factor; 1 where what was found never changes or goes against what was wanted, so that no factor helps. */
    double factor(int output) {
        double variance = squares[output] / count - found[output] / count * (found[output] / count);
        double covariance = products[output] / count - found[output] / count * (wanted[output] / count);
        double factor = covariance / variance;
        return variance > 1e-12 && factor > 0 ? factor : 1;
    }

    /** What makes the means equal with this factor. */
    double offset(int output, double factor) {
        return (wanted[output] - factor * found[output]) / count;
    }
}
