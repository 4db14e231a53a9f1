package io.leanspike.train.student;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.compress.LayerKeep;
import io.leanspike.eval.Logits;
import io.leanspike.eval.Prediction;
import io.leanspike.model.LayerShape;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.RandomEncoder;
import io.leanspike.train.SyntheticReviews;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the trainer computes is what the engine computes on the exported student; with masked units, what it computes without them. */
class EngineAgreementTest {
    private static final int WORDS = 60;
    private static final int EXAMPLES = 400;
    /** Of 4 heads of 12 columns, the second and some columns of the last; of 96 neurons, some 40. */
    private static final LayerKeep KEPT = new LayerKeep(
            List.of(new LayerKeep.Head(range(12, 24), range(12, 24)), new LayerKeep.Head(range(36, 48), List.of(36, 39, 40, 44, 47))),
            IntStream.range(0, 96).filter(i -> i % 12 < 5).boxed().toList());

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    /** @param close share of the logits that must agree to 1e-4; a spike within rounding of the threshold may fall otherwise */
    @ParameterizedTest
    @CsvSource({"EQUILIBRIUM, 1, FLOAT, none, 1.0", "EQUILIBRIUM, 1, TERNARY, none, 1.0", "SPIKES, 1, TERNARY, none, 0.9", "SPIKES, 4, TERNARY, none, 0.9",
        "SPIKES, 4, BINARY, none, 0.9", "SPIKES, 8, FLOAT, none, 0.9", "SPIKES, '4,2,1', TERNARY, none, 0.9", "SPIKES, '2,5,3', BINARY, none, 0.9",
        "SPIKES, '1,16,2', FLOAT, none, 0.9", "EQUILIBRIUM, 1, TERNARY, pruned, 1.0", "SPIKES, 4, TERNARY, pruned, 0.9",
        "SPIKES, '4,2,3', BINARY, pruned, 0.9"})
    void logitsAndPredictionsAgree(StudentSettings.Forward forward, String timesteps, WeightBits bits, String pruning, double close,
            @TempDir Path folder) throws Exception {
        PretrainedEncoder source = RandomEncoder.write(folder.resolve("teacher"), 48, 4, 3, WORDS, 7);
        SyntheticReviews.write(folder, WORDS, EXAMPLES, EXAMPLES, 8);
        StudentSettings settings = new StudentSettings(List.of(0, 1, 2), forward, TimestepSchedule.parse(timesteps, 3), 0.5, bits,
                Hardening.NONE, new StudentSettings.LossWeights(1, 1, 1, 1, 0.1, 1));
        try (Tokenizer tokenizer = Tokenizer.open(folder.resolve("teacher"), 32, source.shape().vocabulary());
                NDManager manager = Torch.manager()) {
            TaskExamples dev = TaskExamples.read(GlueTask.SST_2, folder.resolve("SST-2/dev.tsv"), EXAMPLES, tokenizer);
            EncoderParameters teacher = new EncoderParameters(manager, source, settings.layers(), 2, 1).freeze();
            SpikingStart.Start start = SpikingStart.of(source, manager, teacher, dev.texts(), settings.layers(),
                    new SpikingStart.Ranges(1.25, 4), forward.hasSpikeNoise());
            Path exported = folder.resolve("student");
            Files.createDirectories(exported.resolve("training"));
            Student student = new Student(manager, settings, start, 2, 1, pruning.equals("pruned"));
            student.masks().forEach(layer -> layer.keep(KEPT));
            StudentLearner learner = new StudentLearner(
                    manager, student, teacher, dev, dev.texts(), dev, exported.resolve("training"), Optional.empty());
            learner.save(exported);
            float[][] ours = learner.logits(dev);

            ModelOptions options = ModelOptions.DEFAULTS.withMode(
                    forward == StudentSettings.Forward.EQUILIBRIUM ? Mode.EQUILIBRIUM : Mode.SPIKING);
            try (SpikingModel model = SpikingModel.open(exported, options)) {
                student.masks().forEach(layer -> assertEquals(KEPT, layer.kept()));
                for (LayerShape shape : model.config().layers()) {
                    assertEquals(pruning.equals("pruned") ? List.of(12, 5) : List.of(12, 12, 12, 12), shape.heads().valueSizes());
                    assertEquals(pruning.equals("pruned") ? 40 : 96, shape.intermediate());
                }
                assertEquals(TimestepSchedule.parse(timesteps, 3), model.schedule());
                List<Prediction> theirs = model.evaluate(GlueTask.SST_2, dev.examples()).predictions();
                int same = 0;
                int near = 0;
                for (int i = 0; i < EXAMPLES; i++) {
                    double[] logits = theirs.get(i).logits();
                    double apart = Math.max(Math.abs(ours[i][0] - logits[0]), Math.abs(ours[i][1] - logits[1]));
                    near += apart <= 1e-4 ? 1 : 0;
                    same += Logits.winner(new double[] {ours[i][0], ours[i][1]}) == Logits.winner(logits) ? 1 : 0;
                }
                assertTrue(same >= 0.995 * EXAMPLES, same + " of " + EXAMPLES + " predictions agree");
                assertTrue(near >= close * EXAMPLES, near + " of " + EXAMPLES + " logits agree");
            }
        }
    }
}
