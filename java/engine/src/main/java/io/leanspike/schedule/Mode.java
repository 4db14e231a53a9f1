package io.leanspike.schedule;

import java.util.Locale;

/** How the network is evaluated. */
public enum Mode {
    /** T timesteps of spikes. */
    SPIKING,
    /** T to infinity: clipped rates, the accuracy ceiling (leak 1 only). */
    EQUILIBRIUM;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
