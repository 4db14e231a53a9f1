package io.leanspike.backend.cuda;

import io.leanspike.BackendSelection;
import io.leanspike.error.InvalidInputException;

/** Prints what becomes of {@code --backend cuda} here, then which backend {@code --backend auto} takes. */
final class Absence {
    private Absence() {}

    /** @param arguments a file to take for the native CPU library, or nothing */
    public static void main(String[] arguments) {
        for (String library : arguments) {
            System.setProperty("leanspike.native", library);
        }
        try (var backend = BackendSelection.open("cuda", "auto", 1).backend()) {
            System.out.println("cuda: " + backend.device());
        } catch (InvalidInputException e) {
            System.out.println("cuda: " + e.getMessage());
        }
        try (var backend = BackendSelection.open("auto", "auto", 1).backend()) {
            System.out.println("auto: " + backend.name());
        }
    }
}
