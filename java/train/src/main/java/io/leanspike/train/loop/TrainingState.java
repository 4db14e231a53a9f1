package io.leanspike.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Safetensors;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.StoredTensor;
import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far a training has come: with the learner's tensors, everything that a resumed training needs. Data order, learning rate and
 * dropout are functions of seed and step.
 *
 * @param step steps done
 * @param best best score on dev so far, with the step it was reached at
 * @param settings what was trained and how, to refuse resuming something else
 */
public record TrainingState(long step, double best, long bestStep, String settings) {
    private static final String STEP = "step";
    private static final String BEST = "best";
    private static final String BEST_STEP = "best_step";
    private static final String SETTINGS = "settings";

    /** Writes state and tensors atomically: the file is as it was, or complete and on disk. */
    void write(Path file, Map<String, NDArray> tensors) {
        List<StoredTensor> stored = new ArrayList<>();
        tensors.forEach((name, array) -> {
            ByteBuffer bytes = array.toByteBuffer(true);
            List<Long> shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
            stored.add(new StoredTensor(name, ElementType.F32, shape, MemorySegment.ofBuffer(bytes)));
        });
        SafetensorsWriter.write(file, stored, Map.of(STEP, Long.toString(step), BEST, Double.toString(best),
                BEST_STEP, Long.toString(bestStep), SETTINGS, settings));
    }

    /**
     * Reads a state into the learner's tensors; empty when there is no file.
     *
     * @throws InvalidInputException when the file belongs to a training with other settings, or is no such file
     */
    static Optional<TrainingState> read(Path file, Map<String, NDArray> tensors, String settings) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Safetensors stored = Safetensors.open(file); NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Map<String, String> metadata = stored.metadata();
            if (!settings.equals(metadata.get(SETTINGS))) {
                throw new InvalidInputException("%s belongs to a training with other settings: %s, not %s; train into another folder"
                        .formatted(file, metadata.get(SETTINGS), settings));
            }
            tensors.forEach((name, array) -> {
                StoredTensor tensor = stored.tensor(name);
                array.toByteBuffer(true).put(tensor.data().asByteBuffer());
            });
            return Optional.of(new TrainingState(Long.parseLong(metadata.get(STEP)), Double.parseDouble(metadata.get(BEST)),
                    Long.parseLong(metadata.get(BEST_STEP)), settings));
        }
    }
}
