package io.leanspike.cli;

import io.leanspike.error.InvalidInputException;
import java.util.Collection;
import java.util.Locale;

/** Options that name one of a few constants. */
final class Choices {
    private Choices() {}

    /** @throws InvalidInputException when the name is none of the choices */
    static <E extends Enum<E>> E named(Collection<E> choices, String option, String name) {
        return choices.stream().filter(constant -> constant.name().equals(name.strip().toUpperCase(Locale.ROOT))).findFirst()
                .orElseThrow(() -> new InvalidInputException("%s: there is no '%s'; choose one of %s".formatted(option, name,
                        choices.toString().toLowerCase(Locale.ROOT))));
    }
}
