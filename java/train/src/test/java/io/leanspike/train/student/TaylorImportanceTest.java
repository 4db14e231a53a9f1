package io.leanspike.train.student;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.compress.UnitImportance;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.RandomEncoder;
import io.leanspike.train.SyntheticReviews;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.TaskScore;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The importance of a unit is how the loss changes when the unit's activity is turned down a little, found here by doing so. */
class TaylorImportanceTest {
    private static final int HIDDEN = 16;
    private static final int WIDE = 2 * HIDDEN;
    private static final String LAYER = "encoder.layer.1.";
    private static final float STEP = 0.01f;

    @TempDir
    private Path folder;
    private PretrainedEncoder source;
    private TaskExamples examples;

    @Test
    void importanceIsTheSlopeOfTheLoss() throws Exception {
        source = RandomEncoder.write(folder.resolve("model"), HIDDEN, 2, 2, 30, 7);
        SyntheticReviews.write(folder, 30, 1, 1, 8);
        try (Tokenizer tokenizer = Tokenizer.open(folder.resolve("model"), 32, source.shape().vocabulary());
                NDManager manager = Torch.manager()) {
            examples = TaskExamples.read(GlueTask.SST_2, folder.resolve("SST-2/train.tsv"), 1, tokenizer);
            EncoderParameters parameters = new EncoderParameters(manager, source, List.of(0, 1), 2, 1);
            UnitImportance layer = new TaylorImportance(manager, parameters, new Coding.Equilibrium(), examples).measure(1).get(1);
            for (int unit : new int[] {0, 3, 10}) {
                near(slope(manager, LAYER + "output.dense.weight", i -> i % WIDE == unit, "", i -> false), layer.neurons()[unit]);
                near(slope(manager, LAYER + "attention.output.dense.weight", i -> i % HIDDEN == unit, "", i -> false),
                        layer.values()[unit]);
                near(slope(manager, LAYER + "attention.self.query.weight", i -> i / HIDDEN == unit,
                        LAYER + "attention.self.query.bias", i -> i == unit), layer.keys()[unit]);
            }
            near(slope(manager, LAYER + "attention.output.dense.weight", i -> i % HIDDEN >= HIDDEN / 2, "", i -> false),
                    layer.ownHeads().orElseThrow()[1]);
        }
    }

    private static void near(double slope, double importance) {
        assertEquals(Math.abs(slope), importance, 1e-4 + 0.03 * importance);
    }

    private double slope(NDManager manager, String weight, IntPredicate ofWeight, String bias, IntPredicate ofBias) {
        return (loss(manager, 1 + STEP, weight, ofWeight, bias, ofBias) - loss(manager, 1 - STEP, weight, ofWeight, bias,
                ofBias)) / (2 * STEP);
    }

    private double loss(NDManager manager, float gate, String weight, IntPredicate ofWeight, String bias, IntPredicate ofBias) {
        Map<String, float[]> tensors = new HashMap<>(source.tensors());
        tensors.computeIfPresent(weight, (name, values) -> scaled(values, gate, ofWeight));
        tensors.computeIfPresent(bias, (name, values) -> scaled(values, gate, ofBias));
        PretrainedEncoder changed = new PretrainedEncoder(source.source(), source.shape(), tensors, source.vocabulary());
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            EncoderParameters parameters = new EncoderParameters(manager, changed, List.of(0, 1), 2, 1).freeze();
            TokenTensors tokens = TokenTensors.of(manager, examples.texts().select(new int[] {0}));
            StudentForward forward = new StudentForward(parameters, parameters.addTo(Leaves.frozen(), ByteRows::of,
                    UnaryOperator.identity()), List.of(new Coding.Equilibrium(), new Coding.Equilibrium()), List.of());
            NDArray logits = forward.logits(forward.run(tokens, parameters.words().rows(tokens.distinct(), ByteRows::of)));
            return TaskScore.loss(examples, logits, TaskScore.golds(examples, manager, new int[] {0})).getFloat();
        }
    }

    private static float[] scaled(float[] values, float gate, IntPredicate which) {
        float[] scaled = values.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= which.test(i) ? gate : 1;
        }
        return scaled;
    }
}
