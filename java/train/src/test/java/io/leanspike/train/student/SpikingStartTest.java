package io.leanspike.train.student;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Population;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.RandomEncoder;
import io.leanspike.train.SyntheticReviews;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Before any training, a student computes nearly what its teacher does where rates are not cut off, outliers or not. */
class SpikingStartTest {
    private static final List<Integer> LAYERS = List.of(0, 1, 2);
    private static final int HIDDEN = 48;
    private static final Population MIDDLE = new Population(1, Population.Kind.ATTENTION_OUTPUT);

    @TempDir
    private Path folder;
    private NDManager manager;
    private PretrainedEncoder source;
    private EncoderParameters teacher;
    private TaskExamples examples;

    @BeforeEach
    void makeATeacherWithTwoUnitsThatVaryMuch() throws Exception {
        PretrainedEncoder even = RandomEncoder.write(folder.resolve("teacher"), HIDDEN, 4, LAYERS.size(), 60, 7);
        for (int layer : LAYERS) {
            float[] gain = even.tensor("encoder.layer." + layer + ".attention.output.LayerNorm.weight", HIDDEN);
            gain[3] = 6;
            gain[20] = 4;
        }
        source = even;
        manager = Torch.manager();
        teacher = new EncoderParameters(manager, source, LAYERS, 2, 1).freeze();
        SyntheticReviews.write(folder, 60, 300, 1, 8);
        try (Tokenizer tokenizer = Tokenizer.open(folder.resolve("teacher"), 32, source.shape().vocabulary())) {
            examples = TaskExamples.read(GlueTask.SST_2, folder.resolve("SST-2/train.tsv"), 300, tokenizer);
        }
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void aWideRangeKeepsTheTeachersLayers() {
        Errors wide = errors(4, 6);
        assertTrue(wide.hidden < 0.12, "hidden states: " + wide.hidden + " of the variance is unexplained");
        assertTrue(wide.attention < 0.12, "attention scores: " + wide.attention);
        Errors narrow = errors(0.5, 3);
        assertTrue(narrow.hidden > 2 * wide.hidden, "a narrow range cuts off: " + narrow.hidden);
    }

    /** @param hidden unexplained share @param attention relative error */
    private record Errors(float hidden, float attention) {}

    private Errors errors(double centred, double gelu) {
        StudentSettings settings = new StudentSettings(LAYERS, StudentSettings.Forward.EQUILIBRIUM, TimestepSchedule.parse("1", 3), 0.5,
                WeightBits.FLOAT, Hardening.NONE, new StudentSettings.LossWeights(1, 1, 1, 1, 0, 1));
        SpikingStart.Start start = SpikingStart.of(
                source, manager, teacher, examples.texts(), LAYERS, new SpikingStart.Ranges(centred, gelu));
        Student student = new Student(manager, settings, start, 2, 1, false);
        Leaves leaves = student.addTo(Leaves.frozen());
        TokenTensors batch = TokenTensors.of(manager, examples.texts().select(new int[] {0, 1, 2, 3, 4, 5, 6, 7}));
        Activations made = student.forward(leaves, settings.codings(1)).run(batch, student.rows(batch));
        Activations target = BertForward.frozen(teacher).run(batch, teacher.words().rows(batch.distinct()));
        LayerLoss loss = student.layerLoss(leaves);
        assertEquals(loss.attention(made, target, batch).getFloat(), loss.attention(shifted(made), target, batch).getFloat(), 1e-4,
                "softmax ignores what a query's scores have in common, and so does the loss");
        return new Errors(loss.hidden(made, target, batch).getFloat(), loss.attention(made, target, batch).getFloat());
    }

    private static Activations shifted(Activations made) {
        List<NDArray> scores = made.scores().stream().map(layer -> layer.add(layer.get(":, :, :, 0:1").mul(3).add(1))).toList();
        return new Activations(made.hidden(), scores, made.rates());
    }

    @Test
    void fitsAreTheLayerNormsOwnWhereAllUnitsAreScaledAlike() {
        double[] alike = new double[HIDDEN];
        Arrays.fill(alike, 3.5);
        UnitFits.Affine fit = UnitFits.measure(manager, teacher, examples.texts(), Map.of(MIDDLE, alike)).of(MIDDLE);
        assertArrayEquals(values("weight"), fit.gain(), 2e-3);
        assertArrayEquals(values("bias"), fit.shift(), 2e-3);
    }

    private double[] values(String tensor) {
        float[] values = source.tensor("encoder.layer.1.attention.output.LayerNorm." + tensor, HIDDEN);
        double[] wide = new double[HIDDEN];
        for (int i = 0; i < HIDDEN; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
