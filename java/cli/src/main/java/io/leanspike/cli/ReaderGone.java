package io.leanspike.cli;

/** Standard output is a pipe that nobody reads any more, as in {@code leanspike classify | head}. */
final class ReaderGone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReaderGone(Throwable cause) {
        super("standard output is closed", cause);
    }
}
