package io.leanspike;

import io.leanspike.backend.Backend;
import io.leanspike.backend.cpu.CpuBackend;
import io.leanspike.backend.cpu.NativeLibrary;
import io.leanspike.backend.cuda.CudaBackend;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The backend that serves a request, and one line that says why where it is not the first choice.
 *
 * @param note empty when the first choice was there
 */
public record BackendSelection(Backend backend, Optional<String> note) {
    private static final String AUTO = "auto";

    /** The device name that stands for the software GPU. */
    public static final String SOFTWARE = "soft";

    /**
     * @param name {@code auto} (cpu, else reference), {@code cpu}, {@code cuda} or {@code reference}
     * @param device for cuda: {@code auto} (all GPUs), numbers separated by commas, or {@code soft}, the software GPU, which nothing
     *     else ever picks
     * @throws InvalidInputException for another name, or when what is named is not to be had here; the message says why
     */
    public static BackendSelection open(String name, String device, int threads) {
        if (!device.equals(AUTO) && !name.equals("cuda")) {
            throw new InvalidInputException("device '%s' is for backend cuda, and the backend is %s".formatted(device, name));
        }
        if (threads < 1 || threads > ModelOptions.MOST_THREADS) {
            throw new InvalidInputException("threads: %d is not from 1 to %d".formatted(threads, ModelOptions.MOST_THREADS));
        }
        return switch (name) {
            case AUTO -> auto(threads);
            case "cpu" -> {
                NativeLibrary.absence().ifPresent(why -> {
                    throw new InvalidInputException("backend cpu is not to be had here: " + why);
                });
                yield new BackendSelection(new CpuBackend(threads), Optional.empty());
            }
            case "cuda" -> new BackendSelection(cuda(device), Optional.empty());
            case "reference" -> new BackendSelection(new ReferenceBackend(threads), Optional.empty());
            default -> throw new InvalidInputException("no backend is called '%s': choose auto, cpu, cuda or reference".formatted(name));
        };
    }

    private static BackendSelection auto(int threads) {
        return NativeLibrary.absence()
                .map(why -> new BackendSelection(new ReferenceBackend(threads),
                        Optional.of("backend reference (slow) instead of cpu: " + why)))
                .orElseGet(() -> new BackendSelection(new CpuBackend(threads), Optional.empty()));
    }

    private static Backend cuda(String device) {
        List<Integer> ordinals = new ArrayList<>();
        if (!device.equals(AUTO) && !device.equals(SOFTWARE)) {
            for (String part : device.split(",", -1)) {
                try {
                    ordinals.add(Integer.parseInt(part.strip()));
                } catch (NumberFormatException e) {
                    throw new InvalidInputException("device '%s' is neither soft nor numbers of GPUs such as 0,1".formatted(device), e);
                }
            }
        }
        try {
            return new CudaBackend(ordinals, device.equals(SOFTWARE));
        } catch (UnsupportedOperationException e) {
            throw new InvalidInputException("backend cuda is not to be had here: " + e.getMessage(), e);
        }
    }
}
