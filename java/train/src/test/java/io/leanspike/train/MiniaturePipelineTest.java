package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.SpikingModel;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way in miniature: a teacher is fine-tuned, a ternary student distilled at T = 4, and the engine finds that it learned. */
class MiniaturePipelineTest {
    private static final int WORDS = 40;

    @TempDir
    private Path folder;

    @Test
    void aTernarySpikingStudentLearnsWhatItsTeacherLearned() throws Exception {
        RandomEncoder.write(folder.resolve("random"), 64, 4, 2, WORDS, 3);
        SyntheticReviews.write(folder, WORDS, 3000, 500, 4);
        train("teacher --task SST-2 --data DIR --from DIR/random --out DIR/teacher --epochs 4 --learning-rate 1e-3 --evaluations 1");
        train("student --task SST-2 --data DIR --teacher DIR/teacher --out DIR/student --epochs 3 --learning-rate 2e-3 --evaluations 1");

        try (SpikingModel model = SpikingModel.open(folder.resolve("student"))) {
            assertEquals(4, model.schedule().mean());
            Path dev = folder.resolve("SST-2/dev.tsv");
            double accuracy = model.evaluate(GlueTask.SST_2, GlueReader.read(GlueTask.SST_2, dev)).metrics().get("accuracy");
            assertTrue(accuracy >= 0.85, "accuracy " + accuracy);
        }
        assertTrue(Files.readString(folder.resolve("student/training/curve.html")).contains("<polyline"));
    }

    private void train(String line) {
        TrainLine.run(folder, line).succeeds();
    }
}
