package io.leanspike.error;

/**
 * A mistake in what a user gave: a file, a model, a text, an option. The message says what was wrong, where (file, tensor, line)
 * and, where it helps, what to do; it is meant to be shown as it is, without a stack trace.
 */
public final class InvalidInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        super(message);
    }

    public InvalidInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
