package io.leanspike.train.student;

import java.util.Arrays;

/**
 * How rates stand for a teacher's values: {@code rate = gain value + offset}, unit by unit.
 *
 * @param gain [width] above 0
 * @param offset [width]
 */
public record RateScale(double[] gain, double[] offset) {

    /** Centred on the mean, so that rate 1/2 is the mean and 0 and 1 lie {@code 0.5 / gain} off it. */
    static RateScale centred(double gain, double[] means) {
        double[] gains = new double[means.length];
        double[] offsets = new double[means.length];
        for (int i = 0; i < means.length; i++) {
            gains[i] = gain;
            offsets[i] = 0.5 - gain * means[i];
        }
        return new RateScale(gains, offsets);
    }

    /** Rates that are 0 where the values are. */
    static RateScale proportional(double gain, int width) {
        double[] gains = new double[width];
        Arrays.fill(gains, gain);
        return new RateScale(gains, new double[width]);
    }
}
