package io.leanspike.eval;

/**
 * The metrics of GLUE as pure functions. Degenerate cases answer as scikit-learn 1.x and SciPy 1.x do and are stated with each
 * function; nothing is returned in percent.
 */
public final class Metrics {
    private Metrics() {}

    /** Share of predictions equal to the gold label: [0, 1]. */
    public static double accuracy(int[] predictions, int[] golds) {
        requireSameLength(predictions.length, golds.length);
        int right = 0;
        for (int i = 0; i < golds.length; i++) {
            right += predictions[i] == golds[i] ? 1 : 0;
        }
        return (double) right / golds.length;
    }

    /** F1 = 2 tp / (2 tp + fp + fn) of class 1 against all others: [0, 1]; 0 when class 1 is neither predicted nor true. */
    public static double f1(int[] predictions, int[] golds) {
        BinaryCounts counts = BinaryCounts.of(predictions, golds);
        double denominator = 2.0 * counts.truePositives() + counts.falsePositives() + counts.falseNegatives();
        return denominator == 0 ? 0 : 2.0 * counts.truePositives() / denominator;
    }

    /**
     * Matthews correlation (tp tn - fp fn) / sqrt((tp + fp)(tp + fn)(tn + fp)(tn + fn)) of class 1 against all others: [-1, 1]; 0
     * when predictions or golds are all of one class.
     */
    public static double matthews(int[] predictions, int[] golds) {
        BinaryCounts counts = BinaryCounts.of(predictions, golds);
        double tp = counts.truePositives();
        double tn = counts.trueNegatives();
        double fp = counts.falsePositives();
        double fn = counts.falseNegatives();
        double product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
        return product == 0 ? 0 : (tp * tn - fp * fn) / Math.sqrt(product);
    }

    /** Pearson's r: [-1, 1]; NaN when either side is constant (one example included) or holds a NaN or an infinity. */
    public static double pearson(double[] predictions, double[] golds) {
        requireSameLength(predictions.length, golds.length);
        if (isConstant(predictions) || isConstant(golds)) {
            return Double.NaN;
        }
        double meanPrediction = mean(predictions);
        double meanGold = mean(golds);
        double covariance = 0;
        double predictionVariance = 0;
        double goldVariance = 0;
        for (int i = 0; i < golds.length; i++) {
            double p = predictions[i] - meanPrediction;
            double g = golds[i] - meanGold;
            covariance += p * g;
            predictionVariance += p * p;
            goldVariance += g * g;
        }
        // Two roots, not one of the product: the product of two tiny variances is 0.
        return Math.clamp(covariance / (Math.sqrt(predictionVariance) * Math.sqrt(goldVariance)), -1.0, 1.0);
    }

    /** Spearman's rho: Pearson's r of the ranks, ties sharing their average rank. NaN when a side is constant or holds a NaN. */
    public static double spearman(double[] predictions, double[] golds) {
        requireSameLength(predictions.length, golds.length);
        return pearson(Ranks.average(predictions), Ranks.average(golds));
    }

    private static boolean isConstant(double[] values) {
        for (double value : values) {
            if (value != values[0]) {
                return false;
            }
        }
        return true;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    static void requireSameLength(int predictions, int golds) {
        if (predictions != golds || golds == 0) {
            throw new IllegalArgumentException("%d predictions for %d examples".formatted(predictions, golds));
        }
    }
}
