package io.leanspike.train.student;

import java.util.Arrays;

/**
 * How rates stand for a teacher's values: {@code rate = gain value + offset}, unit by unit.
 *
 * @param gain [width] above 0
 * @param offset [width]
 */
public record RateScale(double[] gain, double[] offset) {

    /** Rate that a value's mean has where it is centred. */
    static final double CENTRE = 0.5;

    /** Centred on the mean: rates 0 and 1 lie {@code halfRanges} off it. */
    static RateScale centred(double[] halfRanges, double[] means) {
        double[] gains = new double[means.length];
        double[] offsets = new double[means.length];
        for (int i = 0; i < means.length; i++) {
            gains[i] = CENTRE / halfRanges[i];
            offsets[i] = CENTRE - gains[i] * means[i];
        }
        return new RateScale(gains, offsets);
    }

    /** Of rates of which the values are {@code gain rate + shift}. */
    static RateScale of(UnitFits.Affine values) {
        double[] gains = new double[values.gain().length];
        double[] offsets = new double[gains.length];
        for (int i = 0; i < gains.length; i++) {
            gains[i] = 1 / values.gain()[i];
            offsets[i] = -values.shift()[i] * gains[i];
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
