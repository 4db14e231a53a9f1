package io.leanspike.train.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.leanspike.compress.LayerKeep;
import io.leanspike.compress.PruningPlan;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.SpikingConfig;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.EncoderShape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The gradient of a mask is what the loss, to first order, changes by when a unit falls silent; units of the least change go. */
class TaylorTest {
    private static final EncoderShape SHAPE = new EncoderShape(10, 4, 2, 6, 1, 8, 2, 1e-12f);
    private static final ModelConfig CONFIG =
            new ModelConfig(10, 4, 2, 6, 1, 8, 2, 1e-12, List.of(), new SpikingConfig(List.of(2), 1, 1, 0.5));

    @Test
    void unitsThatTheLossDoesNotMissGo() {
        try (NDManager manager = Torch.manager()) {
            LayerMasks masks = LayerMasks.all(manager, SHAPE).getFirst();
            GradualPruning pruning = new GradualPruning(new GradualPruning.Settings(0.5, 0.5, new PruningSchedule.Cubic(0, 0.5),
                    PruningCriterion.Known.TAYLOR, PruningPlan.Allocation.UNIFORM), CONFIG, List.of(masks));
            float[] activity = {1, 0.5f, 0, 1, 0.25f, 1};
            float[] slopes = {0, -4, 9, 0.1f, 2, 3};
            see(pruning, manager, masks.neurons(), activity, slopes);
            // |a dL/da| = 0, 2, 0, 0.1, 0.5, 3
            assertArrayEquals(new float[] {0, 0.02f, 0, 0.001f, 0.005f, 0.03f}, masks.neurons().seen().toFloatArray(), 1e-6f);
            see(pruning, manager, masks.context(), new float[] {1, 1, 1, 1}, new float[] {3, 3, 1, 4});

            NDArray ones = manager.ones(new Shape(4));
            NDArray wide = manager.ones(new Shape(6));
            pruning.choose(0.49, 0.5, () -> List.of(new GradualPruning.Norms(ones, ones, wide, wide)));
            LayerKeep kept = masks.kept();
            assertEquals(List.of(1, 4, 5), kept.neurons());
            assertEquals(List.of(new LayerKeep.Head(List.of(0, 1), List.of(0, 1))), kept.heads());
        }
    }

    @Test
    void aScheduleWithoutLengthPrunesInTheFirstStep() {
        try (NDManager manager = Torch.manager()) {
            LayerMasks masks = LayerMasks.all(manager, SHAPE).getFirst();
            GradualPruning pruning = new GradualPruning(new GradualPruning.Settings(0, 0.5, new PruningSchedule.Cubic(0, 0),
                    PruningCriterion.Known.MAGNITUDE, PruningPlan.Allocation.UNIFORM), CONFIG, List.of(masks));
            NDArray ones = manager.ones(new Shape(4));
            NDArray norms = manager.create(new float[] {1, 2, 3, 4, 5, 6});
            pruning.choose(0, 0.01, () -> List.of(new GradualPruning.Norms(ones, ones, norms, norms)));
            assertEquals(List.of(3, 4, 5), masks.kept().neurons());
            assertEquals(2, masks.kept().heads().size());
        }
    }

    private static void see(GradualPruning pruning, NDManager manager, UnitMask mask, float[] activity, float[] slopes) {
        mask.kept().setRequiresGradient(true);
        try (GradientCollector gradients = Torch.engine().newGradientCollector()) {
            gradients.backward(manager.create(activity).mul(mask.kept()).mul(manager.create(slopes)).sum());
        }
        pruning.see(mask, mask.kept().getGradient(), manager.create(activity).square());
    }
}
