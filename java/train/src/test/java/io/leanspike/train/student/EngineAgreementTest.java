package io.leanspike.train.student;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.eval.Logits;
import io.leanspike.eval.Prediction;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the trainer computes is what the engine computes on the exported student. */
class EngineAgreementTest {
    private static final int WORDS = 60;
    private static final int EXAMPLES = 400;

    /** @param close share of the logits that must agree to 1e-4; a spike within rounding of the threshold may fall otherwise */
    @ParameterizedTest
    @CsvSource({"EQUILIBRIUM, 1, FLOAT, 1.0", "EQUILIBRIUM, 1, TERNARY, 1.0", "SPIKES, 1, TERNARY, 0.9", "SPIKES, 4, TERNARY, 0.9",
        "SPIKES, 4, BINARY, 0.9", "SPIKES, 8, FLOAT, 0.9", "SPIKES, '4,2,1', TERNARY, 0.9", "SPIKES, '2,5,3', BINARY, 0.9",
        "SPIKES, '1,16,2', FLOAT, 0.9"})
    void logitsAndPredictionsAgree(StudentSettings.Forward forward, String timesteps, WeightBits bits, double close, @TempDir Path folder)
            throws Exception {
        PretrainedEncoder source = RandomEncoder.write(folder.resolve("teacher"), 48, 4, 3, WORDS, 7);
        SyntheticReviews.write(folder, WORDS, EXAMPLES, EXAMPLES, 8);
        StudentSettings settings = new StudentSettings(List.of(0, 1, 2), forward, TimestepSchedule.parse(timesteps, 3), 0.5, bits,
                new StudentSettings.LossWeights(1, 1, 1, 1, 0.1, 1));
        try (Tokenizer tokenizer = Tokenizer.open(folder.resolve("teacher"), 32, source.shape().vocabulary());
                NDManager manager = Torch.manager()) {
            TaskExamples dev = TaskExamples.read(GlueTask.SST_2, folder.resolve("SST-2/dev.tsv"), EXAMPLES, tokenizer);
            EncoderParameters teacher = new EncoderParameters(manager, source, settings.layers(), 2, 1).freeze();
            SpikingStart.Start start = SpikingStart.of(source, manager, teacher, dev.texts(), settings.layers(),
                    new SpikingStart.Ranges(1.25, 4));
            Path exported = folder.resolve("student");
            Files.createDirectories(exported.resolve("training"));
            StudentLearner learner = new StudentLearner(manager, new Student(manager, settings, start, 2, 1), teacher, dev, dev.texts(), dev, exported);
            learner.save(exported);
            float[][] ours = learner.logits(dev);

            ModelOptions options = ModelOptions.DEFAULTS.withMode(
                    forward == StudentSettings.Forward.EQUILIBRIUM ? Mode.EQUILIBRIUM : Mode.SPIKING);
            try (SpikingModel model = SpikingModel.open(exported, options)) {
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
