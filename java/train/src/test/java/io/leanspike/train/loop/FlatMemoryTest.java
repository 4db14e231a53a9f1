package io.leanspike.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.leanspike.compress.PruningPlan;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.RandomEncoder;
import io.leanspike.train.SyntheticReviews;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.nn.AdamW;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.nn.Trained;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.prune.GradualPruning;
import io.leanspike.train.prune.PruningCriterion;
import io.leanspike.train.prune.PruningSchedule;
import io.leanspike.train.student.SpikingStart;
import io.leanspike.train.student.Hardening;
import io.leanspike.train.student.Student;
import io.leanspike.train.student.StudentLearner;
import io.leanspike.train.student.StudentSettings;
import io.leanspike.train.student.WeightBits;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No step, evaluation or checkpoint leaves native arrays behind. */
class FlatMemoryTest {
    private static final int WORDS = 30;

    /** Counts the arrays that are alive before each step. */
    private record Counting(Learner learner, NDManager manager, List<Integer> alive) implements Learner {
        @Override
        public Trained trained() {
            return learner.trained();
        }

        @Override
        public BatchLoss loss(int[] batch, double progress) {
            alive.add(manager.getManagedArrays().size() + Torch.manager().getParentManager().getManagedArrays().size());
            return learner.loss(batch, progress);
        }

        @Override
        public void afterGradients(Leaves leaves, double before, double now) {
            learner.afterGradients(leaves, before, now);
        }

        @Override
        public SequencedMap<String, Double> evaluate() {
            return learner.evaluate();
        }

        @Override
        public void save(Path folder) {
            learner.save(folder);
        }
    }

    @Test
    void theNumberOfNativeArraysDoesNotGrow(@TempDir Path folder) throws Exception {
        PretrainedEncoder source = RandomEncoder.write(folder.resolve("teacher"), 16, 2, 2, WORDS, 7);
        SyntheticReviews.write(folder, WORDS, 600, 50, 8);
        StudentSettings settings = new StudentSettings(List.of(0, 1), StudentSettings.Forward.SPIKES, new TimestepSchedule(List.of(3, 2)),
                0.5, WeightBits.TERNARY, Hardening.NONE, new StudentSettings.LossWeights(1, 1, 1, 1, 0.1, 1));
        try (Tokenizer tokenizer = Tokenizer.open(folder.resolve("teacher"), 32, source.shape().vocabulary());
                NDManager manager = Torch.manager();
                TrainingFolder _ = TrainingFolder.open(folder.resolve("out"), false)) {
            TaskExamples train = TaskExamples.read(GlueTask.SST_2, folder.resolve("SST-2/train.tsv"), 600, tokenizer);
            EncoderParameters teacher = new EncoderParameters(manager, source, settings.layers(), 2, 1).freeze();
            SpikingStart.Start start = SpikingStart.of(source, manager, teacher, train.texts(), settings.layers(),
                    new SpikingStart.Ranges(1.25, 4), true);
            Student student = new Student(manager, settings, start, 2, 1, true);
            GradualPruning pruning = new GradualPruning(new GradualPruning.Settings(0.5, 0.5, new PruningSchedule.Cubic(0.1, 0.9),
                    PruningCriterion.Known.TAYLOR, PruningPlan.Allocation.GLOBAL), student.config(), student.masks());
            Counting learner = new Counting(new StudentLearner(manager, student, teacher, train, train.texts(), train,
                    folder.resolve("out/training/candidate"), Optional.of(pruning)), manager, new ArrayList<>());
            TrainingPlan plan = new TrainingPlan(2, 16, 1024, 1e-3, 0.1, AdamW.withDecay(0.01), 0.99, 4, 0, 0, 1);
            new TrainingLoop(learner, plan, train.texts(), folder.resolve("out"), "test",
                    new TrainingProgress(new PrintWriter(new StringWriter()))).run();
            TreeMap<Integer, Integer> counts = new TreeMap<>();
            learner.alive().forEach(count -> counts.merge(count, 1, Integer::sum));
            assertTrue(learner.alive().size() > 60, "steps: " + learner.alive().size());
            assertEquals(learner.alive().getFirst(), learner.alive().getLast(), counts.toString());
            assertEquals(1, counts.size(), counts.toString());
        }
    }
}
