package io.leanspike.train.loop;

import ai.djl.ndarray.NDArray;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Safetensors;
import io.leanspike.train.nn.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How far a training has come: with the learner's tensors, everything that a resumed training needs. Data order, learning rate and
 * dropout are functions of seed and step.
 *
 * @param step steps done
 * @param best best score on dev so far, the negative of one that is an error, with the step it was reached at
 * @param settings what was trained and how, to refuse resuming something else
 */
public record TrainingState(long step, double best, long bestStep, String settings) {
    private static final String STEP = "step";
    private static final String BEST = "best";
    private static final String BEST_STEP = "best_step";
    private static final String SETTINGS = "settings";

    /** Writes state and tensors atomically: the file is as it was, or complete and on disk. */
    void write(Path file, Map<String, NDArray> tensors) {
        TensorFile.write(file, tensors, Map.of(STEP, Long.toString(step), BEST, Double.toString(best),
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
        try (Safetensors stored = Safetensors.open(file)) {
            Map<String, String> metadata = stored.metadata();
            if (!settings.equals(metadata.get(SETTINGS))) {
                throw new InvalidInputException("%s belongs to a training with other settings: %s, not %s; train into another folder"
                        .formatted(file, metadata.get(SETTINGS), settings));
            }
            TensorFile.read(stored, tensors);
            return Optional.of(new TrainingState(Long.parseLong(metadata.get(STEP)), Double.parseDouble(metadata.get(BEST)),
                    Long.parseLong(metadata.get(BEST_STEP)), settings));
        }
    }
}
