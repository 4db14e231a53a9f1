package io.leanspike.bench;

import io.leanspike.error.InvalidInputException;
import java.util.List;
import java.util.Map;

/** Options that count something. */
public final class Sizes {
    private Sizes() {}

    /** @param least of all values @param options values by the option's name @throws InvalidInputException naming one that is less */
    public static void atLeast(int least, Map<String, List<Integer>> options) {
        options.forEach((option, values) -> values.stream().filter(value -> value < least).findFirst().ifPresent(value -> {
            throw new InvalidInputException("%s %d: at least %d is needed".formatted(option, value, least));
        }));
    }
}
