package io.leanspike.compress.search;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What a search lowers; the less the better. */
public enum SearchCost {
    /** Synaptic operations a sequence. */
    SOPS("sops", outcome -> outcome.sops() / outcome.examples()),
    /** Joules a sequence, {@link io.leanspike.account.EnergyModel#FORTY_FIVE_NANOMETRES}. */
    ENERGY("energy", outcome -> outcome.joules() / outcome.examples()),
    /** Bytes of all tensors. */
    BYTES("bytes", outcome -> outcome.bytes()),
    /** Time as a multiple of the uncompressed model's, measured in turns with it; the only cost that is not repeatable. */
    LATENCY("latency", outcome -> outcome.latency().orElseThrow());

    private final String text;
    private final ToDoubleFunction<Outcome> value;

    SearchCost(String text, ToDoubleFunction<Outcome> value) {
        this.text = text;
        this.value = value;
    }

    /** From its text form; empty when it is none. */
    public static Optional<SearchCost> parse(String text) {
        return Arrays.stream(values()).filter(cost -> cost.text.equals(text.strip().toLowerCase(Locale.ROOT))).findFirst();
    }

    /** @throws java.util.NoSuchElementException when it was not measured */
    public double of(Outcome outcome) {
        return value.applyAsDouble(outcome);
    }

    @Override
    public String toString() {
        return text;
    }
}
