package io.leanspike.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter.Existing;
import io.leanspike.model.TinyCheckpoint;
import io.leanspike.tensor.WeightMatrix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pruned checkpoint says which units it has left, in the numbers of the model before any pruning. */
class KeptUnitsTest {
    @TempDir
    private Path folder;

    private Checkpoint whole() {
        return Checkpoint.open(TinyCheckpoint.write(folder.resolve("whole"), 1));
    }

    private static List<LayerKeep> less(Checkpoint source) {
        List<UnitImportance> importance = source.weights().layers().stream().map(UnitImportance::magnitude).toList();
        return new PruningPlan(0.25, 0.25, 0.5, 0.5, PruningPlan.Allocation.UNIFORM).choose(source.config(), importance);
    }

    private Path pruned(Checkpoint source, String name) {
        StructuralPruning.write(source, less(source), folder.resolve(name), Existing.REFUSE);
        return folder.resolve(name);
    }

    @Test
    void aWholeModelHasEverything() {
        try (Checkpoint source = whole()) {
            assertEquals(Optional.of(source.config().layers().stream().map(LayerKeep::all).toList()), KeptUnits.of(source));
        }
    }

    @Test
    void onePruningSaysWhatItKept() {
        try (Checkpoint source = whole(); Checkpoint made = Checkpoint.open(pruned(source, "pruned"))) {
            assertEquals(Optional.of(less(source)), KeptUnits.of(made));
        }
    }

    /** Taking what is left at the end out of the whole model gives the weights that pruning step by step left. */
    @Test
    void pruningAfterPruningIsCountedInTheWholeModel() {
        try (Checkpoint source = whole();
                Checkpoint once = Checkpoint.open(pruned(source, "once"));
                Checkpoint twice = Checkpoint.open(pruned(once, "twice"))) {
            List<LayerKeep> kept = KeptUnits.of(twice).orElseThrow();
            StructuralPruning.write(source, kept, folder.resolve("direct"), Existing.REFUSE);
            try (Checkpoint direct = Checkpoint.open(folder.resolve("direct"))) {
                assertEquals(twice.config(), direct.config());
                for (int layer = 0; layer < kept.size(); layer++) {
                    assertArrayEquals(values(twice, layer), values(direct, layer));
                }
            }
        }
    }

    private static double[] values(Checkpoint checkpoint, int layer) {
        WeightMatrix matrix = checkpoint.weights().layers().get(layer).intermediate().weight();
        double[] all = new double[matrix.rows() * matrix.columns()];
        for (int i = 0; i < all.length; i++) {
            all[i] = matrix.get(i / matrix.columns(), i % matrix.columns());
        }
        return all;
    }

    @Test
    void whatDoesNotFitIsNamedAndWhatIsNotSaidIsEmpty() throws Exception {
        Path made;
        try (Checkpoint source = whole()) {
            made = pruned(source, "pruned");
        }
        Path file = made.resolve(Checkpoint.CONFIG_FILE);
        String config = Files.readString(file);
        String neurons = config.replaceFirst("(?s).*\"neurons\": \"([^\"]*)\".*", "$1");
        for (String wrong : List.of(neurons + " 200", "0", "3-1", "word", "", neurons.split(" ")[0] + " " + neurons)) {
            Files.writeString(file, config.replace('"' + neurons + '"', '"' + wrong + '"'));
            try (Checkpoint damaged = Checkpoint.open(made)) {
                String message = assertThrows(InvalidInputException.class, () -> KeptUnits.of(damaged)).getMessage();
                assertTrue(message.contains("units that are left"), message);
            }
        }
        Files.writeString(file, config.replace("\"neurons\"", "\"unknown\""));
        try (Checkpoint silent = Checkpoint.open(made)) {
            assertEquals(Optional.empty(), KeptUnits.of(silent));
        }
    }
}
