package io.leanspike.compress;

/**
 * What the units of one layer do on calibration text: for each the root of mean^2 + variance of its rate (ASR = spikes / T) over all tokens.
 */
public record LayerActivity(double[] keys, double[] values, double[] neurons) {}
