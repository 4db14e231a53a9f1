package io.leanspike.eval;

/** Predictions of class 1 against all others, counted. */
record BinaryCounts(int truePositives, int falsePositives, int trueNegatives, int falseNegatives) {

    static BinaryCounts of(int[] predictions, int[] golds) {
        Metrics.requireSameLength(predictions.length, golds.length);
        int[] counts = new int[4];
        for (int i = 0; i < golds.length; i++) {
            counts[(golds[i] == 1 ? 2 : 0) + (predictions[i] == 1 ? 1 : 0)]++;
        }
        return new BinaryCounts(counts[3], counts[1], counts[0], counts[2]);
    }
}
