package io.leanspike.bench;

import io.leanspike.backend.Population;

/** Share of units that spike in a timestep. */
public enum Density {
    FIVE_PERCENT(0.05),
    TWENTY_PERCENT(0.20),
    FIFTY_PERCENT(0.50),
    /** What sst2-tiny showed on SST-2 dev at T = 16, population by population. */
    MEASURED(Double.NaN);

    private final double share;

    Density(double share) {
        this.share = share;
    }

    /** Expected spikes of a unit in a timestep. */
    public double of(Population.Kind kind) {
        return this != MEASURED ? share : switch (kind) {
            case EMBEDDING -> 0.30;
            case KEY -> 0.25;
            case VALUE -> 0.15;
            case CONTEXT -> 0.13;
            case ATTENTION_OUTPUT, OUTPUT, INPUT -> 0.25;
            case INTERMEDIATE -> 0.08;
        };
    }
}
