package io.leanspike.train.student;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Before any training, a student computes nearly what its teacher does where rates are not cut off, outliers or not. */
class SpikingStartTest {
    private static final List<Integer> LAYERS = List.of(0, 1, 2);
    private static final int HIDDEN = 48;

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
        StudentSettings settings = settings(StudentSettings.Forward.EQUILIBRIUM);
        SpikingStart.Start start = SpikingStart.of(
                source, manager, teacher, examples.texts(), LAYERS, new SpikingStart.Ranges(centred, gelu), false);
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

    private static StudentSettings settings(StudentSettings.Forward forward) {
        return new StudentSettings(LAYERS, forward, TimestepSchedule.parse("1", 3), 0.5,
                WeightBits.FLOAT, Hardening.NONE, new StudentSettings.LossWeights(1, 1, 1, 1, 0, 1));
    }

    private static Activations shifted(Activations made) {
        List<NDArray> scores = made.scores().stream().map(layer -> layer.add(layer.get(":, :, :, 0:1").mul(3).add(1))).toList();
        return new Activations(made.hidden(), scores, made.rates());
    }

    @Test
    void theMeanFieldIsNearerToManyTimestepsThanRatesAreAlone() {
        List<Coding> spikes = List.of(new Coding.Spikes(64, 0.5), new Coding.Spikes(64, 0.5), new Coding.Spikes(64, 0.5));
        Coding.Rates rates = new Coding.Rates(64, 0.5);
        Coding.MeanField field = new Coding.MeanField(rates);
        double alone = apart(spikes, List.of(rates, rates, rates));
        double withNoise = apart(spikes, List.of(field, field, field));
        assertTrue(withNoise < 0.7 * alone, "root mean square between rates of the last layer: " + alone + ", with noise " + withNoise);
    }

    private double apart(List<Coding> codings, List<Coding> others) {
        NDArray difference = lastRates(codings).sub(lastRates(others));
        return Math.sqrt(difference.square().mean().getFloat());
    }

    private NDArray lastRates(List<Coding> codings) {
        StudentSettings settings = settings(StudentSettings.Forward.SPIKES);
        SpikingStart.Start start = SpikingStart.of(
                source, manager, teacher, examples.texts(), LAYERS, new SpikingStart.Ranges(1.5, 4), true);
        Student student = new Student(manager, settings, start, 2, 1, false);
        TokenTensors batch = TokenTensors.of(manager, examples.texts().select(new int[] {0, 1, 2, 3, 4, 5, 6, 7}));
        return student.forward(student.addTo(Leaves.frozen()), codings).run(batch, student.rows(batch)).hidden().getLast().mul(batch.live());
    }

    @Test
    void geluOfNoiseIsItsMean() {
        NDArray x = manager.create(new float[] {-2, -0.5f, 0, 0.3f, 1.7f});
        NDArray expected = manager.create(new float[5]);
        double deviation = 0.8;
        int steps = 4001;
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            double z = -5 + 10.0 * i / (steps - 1);
            double weight = Math.exp(-0.5 * z * z);
            sum += weight;
            expected = expected.add(Torch.gelu(x.add((float) (deviation * z))).mul((float) weight));
        }
        assertArrayEquals(expected.div((float) sum).toFloatArray(),
                SpikeNoise.gelu(x, manager.create((float) (deviation * deviation))).toFloatArray(), 1e-4f);
    }
}
