package io.leanspike;

import io.leanspike.backend.Backend;
import io.leanspike.backend.cpu.CpuBackend;
import io.leanspike.backend.cpu.NativeLibrary;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.error.InvalidInputException;
import java.util.Optional;

/**
 * The backend that serves a request, and one line that says why where it is not the first choice.
 *
 * @param note empty when the first choice was there
 */
public record BackendSelection(Backend backend, Optional<String> note) {

    /**
     * @param name {@code auto} (cpu, else reference), {@code cpu} or {@code reference}
     * @throws InvalidInputException for another name, or when the named backend is not to be had here; the message says why
     */
    public static BackendSelection open(String name, int threads) {
        return switch (name) {
            case "auto" -> NativeLibrary.absence()
                    .map(why -> new BackendSelection(new ReferenceBackend(threads),
                            Optional.of("backend reference (slow) instead of cpu: " + why)))
                    .orElseGet(() -> new BackendSelection(new CpuBackend(threads), Optional.empty()));
            case "cpu" -> {
                NativeLibrary.absence().ifPresent(why -> {
                    throw new InvalidInputException("backend cpu is not to be had here: " + why);
                });
                yield new BackendSelection(new CpuBackend(threads), Optional.empty());
            }
            case "reference" -> new BackendSelection(new ReferenceBackend(threads), Optional.empty());
            case "cuda" -> throw new InvalidInputException("backend cuda is reserved: the CUDA backend does not exist yet; use cpu");
            default -> throw new InvalidInputException("no backend is called '%s': choose auto, cpu or reference".formatted(name));
        };
    }
}
