package io.leanspike.account;

/**
 * Energy of arithmetic alone, at stated factors; moving bytes is not in it. Factors for 32-bit floating point in a 45 nm process:
 * M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, as spiking papers use them: an addition 0.9 pJ,
 * a multiplication 3.7 pJ, together 4.6 pJ.
 *
 * @param picojoulesPerAccumulate energy of one accumulate (AC)
 * @param picojoulesPerMac energy of one multiply-accumulate (MAC)
 */
public record EnergyModel(double picojoulesPerAccumulate, double picojoulesPerMac) {
    public static final EnergyModel FORTY_FIVE_NANOMETRES = new EnergyModel(0.9, 4.6);

    /** Joules of so many operations. */
    public double joules(double accumulates, double macs) {
        return (accumulates * picojoulesPerAccumulate + macs * picojoulesPerMac) * 1e-12;
    }
}
