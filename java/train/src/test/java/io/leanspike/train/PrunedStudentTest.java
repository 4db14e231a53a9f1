package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.SpikingModel;
import io.leanspike.compress.PruningPlan;
import io.leanspike.compress.StructuralPruning;
import io.leanspike.compress.UnitImportance;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.Prediction;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.LayerShape;
import io.leanspike.model.Safetensors;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A student that loses units while it trains is saved without them, and still has learned. */
class PrunedStudentTest {
    private static final int WORDS = 40;
    private static final String STUDENT =
            "student --task SST-2 --data DIR --teacher DIR/teacher --learning-rate 2e-3 --timesteps 2 --forward rates --evaluations 1 --out DIR/";

    @TempDir
    private Path folder;
    private String message = "";

    @BeforeEach
    void teacher() throws Exception {
        RandomEncoder.write(folder.resolve("random"), 32, 4, 2, WORDS, 3);
        SyntheticReviews.write(folder, WORDS, 2000, 300, 4);
        assertEquals(0, train(
                "teacher --task SST-2 --data DIR --from DIR/random --out DIR/teacher --epochs 4 --learning-rate 1e-3 --evaluations 1"));
    }

    private int train(String line) {
        TrainLine done = TrainLine.run(folder, line);
        message = done.message();
        return done.code();
    }

    private List<LayerShape> shapes(String name) {
        try (SpikingModel model = SpikingModel.open(folder.resolve(name))) {
            return model.config().layers();
        }
    }

    @Test
    void whatIsPrunedIsGoneAndTheRestRecovers() throws Exception {
        assertEquals(0, train(STUDENT + "small --epochs 4 --prune-heads 0.5 --prune-neurons 0.75 --prune-across global"), message);
        assertEquals(4, shapes("small").stream().mapToInt(shape -> shape.heads().count()).sum(), "half of 2 x 4 heads");
        assertEquals(32, shapes("small").stream().mapToInt(LayerShape::intermediate).sum(), "a quarter of 2 x 64 neurons");
        try (SpikingModel model = SpikingModel.open(folder.resolve("small"))) {
            Path dev = folder.resolve("SST-2/dev.tsv");
            double accuracy = model.evaluate(GlueTask.SST_2, GlueReader.read(GlueTask.SST_2, dev)).metrics().get("accuracy");
            // Seven standard deviations above guessing.
            assertTrue(accuracy >= 0.7, "accuracy " + accuracy);
        }
        // Of the scores after each of 4 epochs only those of the whole pruning count.
        try (Safetensors state = Safetensors.open(folder.resolve("small/training/state.safetensors"))) {
            long steps = Long.parseLong(state.metadata().get("step"));
            assertTrue(Long.parseLong(state.metadata().get("best_step")) >= 0.6 * steps, state.metadata().toString());
        }

        // Training goes on from it without its units coming back, and may prune further, but not less.
        assertEquals(0, train(STUDENT + "recovered --epochs 1 --start DIR/small"), message);
        assertEquals(shapes("small"), shapes("recovered"));
        assertEquals(0, train(
                STUDENT + "smaller --epochs 1 --start DIR/small --prune-heads 0.5 --prune-neurons 0.875 --prune-by magnitude"), message);
        assertEquals(16, shapes("smaller").stream().mapToInt(LayerShape::intermediate).sum());
        assertEquals(2, train(STUDENT + "wider --epochs 1 --start DIR/small --prune-heads 0.25 --prune-neurons 0.75"));
        assertTrue(message.contains("gone already"), message);
    }

    @Test
    void everyLayerLosesTheSameShare() {
        assertEquals(0, train(STUDENT + "small --epochs 1 --prune-neurons 0.5 --prune-by activity"), message);
        assertEquals(List.of(32, 32), shapes("small").stream().map(LayerShape::intermediate).toList());
    }

    /** compress prune decides, of heads, key and value columns and neurons, and training recovers what is left. */
    @Test
    void trainingGoesOnWithoutWhatAPrunedCheckpointLacks() throws Exception {
        assertEquals(0, train(STUDENT + "student --epochs 4"), message);
        Path pruned = folder.resolve("pruned");
        try (Checkpoint student = Checkpoint.open(folder.resolve("student"))) {
            List<UnitImportance> importance = student.weights().layers().stream().map(UnitImportance::magnitude).toList();
            StructuralPruning.write(student, new PruningPlan(0.5, 0.25, 0.5, 0.75, PruningPlan.Allocation.UNIFORM)
                    .choose(student.config(), importance), pruned, CheckpointWriter.Existing.REFUSE);
        }
        String from = " --start DIR/student --keep-of DIR/pruned";

        // A step of no size: what starts is what was pruned, to the bit.
        assertEquals(0, train((STUDENT + "same --epochs 1 --limit 64" + from).replace("2e-3", "1e-30")), message);
        assertEquals(shapes("pruned"), shapes("same"));
        assertArrayEquals(logits("pruned"), logits("same"));

        assertEquals(0, train(STUDENT + "recovered --epochs 4" + from), message);
        assertEquals(shapes("pruned"), shapes("recovered"));
        assertTrue(accuracy("recovered") >= accuracy("pruned") && accuracy("recovered") >= 0.7,
                "from %s to %s".formatted(accuracy("pruned"), accuracy("recovered")));
        // And on from there, pruned while it trains.
        assertEquals(0, train(STUDENT + "smaller --epochs 1 --start DIR/recovered --prune-heads 0.5 --prune-neurons 0.875"), message);
        assertEquals(List.of(8, 8), shapes("smaller").stream().map(LayerShape::intermediate).toList());
        assertEquals(List.of(6, 6, 6, 6), shapes("smaller").stream().flatMap(shape -> shape.heads().keySizes().stream()).toList());

        assertEquals(2, train(STUDENT + "wrong --epochs 1 --keep-of DIR/pruned"));
        assertTrue(message.contains("goes with --start"), message);
        assertEquals(2, train(STUDENT + "wrong --epochs 1 --start DIR/smaller --keep-of DIR/pruned"));
        assertTrue(message.contains("has lost"), message);
        assertEquals(2, train(STUDENT + "wrong --epochs 1 --layers 1 --start DIR/student --keep-of DIR/pruned"));
        assertFalse(Files.exists(folder.resolve("wrong")));
    }

    private Evaluation evaluation(String name) {
        try (SpikingModel model = SpikingModel.open(folder.resolve(name))) {
            return model.evaluate(GlueTask.SST_2, GlueReader.read(GlueTask.SST_2, folder.resolve("SST-2/dev.tsv")));
        }
    }

    private double accuracy(String name) {
        return evaluation(name).metrics().get("accuracy");
    }

    private double[][] logits(String name) {
        return evaluation(name).predictions().stream().map(Prediction::logits).toArray(double[][]::new);
    }
}
