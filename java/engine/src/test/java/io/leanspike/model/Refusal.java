package io.leanspike.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.error.InvalidInputException;
import org.junit.jupiter.api.function.Executable;

/** The promise that a user's mistake is answered by an {@link InvalidInputException} that names the place and the cause. */
public final class Refusal {
    private Refusal() {}

    /** Runs {@code action}; its message must contain every one of {@code parts}. */
    public static void assertRefused(Executable action, Object... parts) {
        String message = assertThrows(InvalidInputException.class, action).getMessage();
        for (Object part : parts) {
            assertTrue(message.contains(part.toString()), () -> "no \"" + part + "\" in: " + message);
        }
    }
}
