package io.leanspike.compress.search;

import java.util.Locale;

/** A kind of compression that a search may use or leave alone. */
public enum SearchPart {
    /** Heads, their columns, and intermediate neurons. */
    SPATIAL,
    /** Timesteps of each layer, initial potential and threshold. */
    TEMPORAL,
    /** Bits of each layer's weights, and of the embedding tables. */
    QUANTIZATION;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
