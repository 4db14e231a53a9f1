package io.leanspike.cli;

import io.leanspike.backend.DeviceMemoryException;
import io.leanspike.error.InvalidInputException;
import java.io.PrintWriter;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a user sees of an exception, and the exit code it stands for. */
final class Failures {
    static final int FINE = 0;
    /** A fault of ours, or a machine that is too small. */
    static final int OURS = 1;
    /** A mistake in options or files. */
    static final int USERS = 2;

    private Failures() {}

    static int report(Throwable failure, PrintWriter err) {
        return switch (failure) {
            // Whoever read our output has had enough: nothing to tell anyone.
            case ReaderGone _ -> FINE;
            case InvalidInputException mistake -> line(err, mistake.getMessage(), USERS);
            case ParameterException mistake -> line(err, mistake.getMessage() + suggestions(mistake)
                    + " (see leanspike %s--help)".formatted(command(mistake)), USERS);
            case OutOfMemoryError full -> line(err, "out of memory: %s; use a smaller --batch or fewer --timesteps, or give Java more with "
                    .formatted(full.getMessage()) + "LEANSPIKE_JAVA_OPTIONS=-Xmx4g", OURS);
            case DeviceMemoryException full -> line(err,
                    "the device's memory does not suffice: %s; use a smaller --batch or fewer --timesteps"
                    .formatted(full.getMessage()), OURS);
            case Throwable fault -> {
                line(err, "this is a fault of LeanSpike: %s; please report it with the lines below, and see what leanspike doctor says"
                        .formatted(fault), OURS);
                fault.printStackTrace(err);
                err.flush();
                yield OURS;
            }
        };
    }

    private static int line(PrintWriter err, String message, int code) {
        err.println("leanspike: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
        err.flush();
        return code;
    }

    private static String suggestions(ParameterException mistake) {
        return mistake instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()
                ? "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?"
                : "";
    }

    private static String command(ParameterException mistake) {
        String name = mistake.getCommandLine().getCommandSpec().qualifiedName();
        return name.equals("leanspike") ? "" : name.substring("leanspike ".length()) + " ";
    }
}
