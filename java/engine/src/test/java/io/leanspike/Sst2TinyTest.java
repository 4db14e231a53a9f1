package io.leanspike;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.backend.cuda.CudaDriver;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.Logits;
import io.leanspike.eval.Prediction;
import io.leanspike.model.Safetensors;
import io.leanspike.schedule.Mode;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real trained model on all 872 sentences of SST-2 dev, beside logits that were computed in float64 by another implementation. */
class Sst2TinyTest {
    private static Path model() {
        return SharedData.directory("models/sst2-tiny");
    }

    private static List<GlueExample> dev() {
        return GlueReader.read(GlueTask.SST_2, GlueTask.SST_2.file(SharedData.directory("data/glue"), "dev"));
    }

    private static Evaluation evaluate(ModelOptions options, List<GlueExample> examples) {
        try (SpikingModel model = SpikingModel.open(model(), options)) {
            return model.evaluate(GlueTask.SST_2, examples);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16, 32})
    void predictionsAreTheExpectedOnes(int timesteps) {
        List<GlueExample> dev = dev();
        Evaluation evaluation = evaluate(ModelOptions.DEFAULTS.withTimesteps(timesteps), dev);
        int same = 0;
        int correct = 0;
        try (Safetensors expected = Safetensors.open(model().resolve("expected-dev.safetensors"))) {
            double[] logits = expected.tensor("logits.T" + timesteps).data().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
            for (int i = 0; i < dev.size(); i++) {
                int want = Logits.winner(new double[] {logits[2 * i], logits[2 * i + 1]});
                same += want == evaluation.predictions().get(i).predicted() ? 1 : 0;
                correct += want == dev.get(i).gold() ? 1 : 0;
            }
        }
        assertTrue(same >= 871, same + " of 872 predictions are the expected ones");
        assertEquals((double) correct / dev.size(), evaluation.metrics().get("accuracy"), 1.5 / dev.size());
    }

    /** The first sentences only: a software GPU is slow. */
    @ParameterizedTest
    @ValueSource(ints = {4, 16})
    void theSoftwareGpuPredictsWhatIsExpected(int timesteps) {
        CudaDriver.absence(true).ifPresent(why -> assumeTrue(false, "skipped: " + why));
        List<GlueExample> some = dev().subList(0, 64);
        Evaluation evaluation = evaluate(
                ModelOptions.DEFAULTS.withBackend("cuda").withDevice(BackendSelection.SOFTWARE).withTimesteps(timesteps), some);
        try (Safetensors expected = Safetensors.open(model().resolve("expected-dev.safetensors"))) {
            double[] logits = expected.tensor("logits.T" + timesteps).data().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
            for (int i = 0; i < some.size(); i++) {
                int want = Logits.winner(new double[] {logits[2 * i], logits[2 * i + 1]});
                assertEquals(want, evaluation.predictions().get(i).predicted(), "sentence " + i);
            }
        }
        assertTrue(evaluation.plan().calls().stream().filter(call -> call.output().startsWith("layer.0.")).count() <= 6,
                evaluation.plan().describe());
    }

    @Test
    void accuracyAtSixteenTimestepsIsThePublishedOne() {
        Evaluation evaluation = evaluate(ModelOptions.DEFAULTS.withTimesteps(16), dev());
        assertEquals("81.1", "%.1f".formatted(100 * evaluation.metrics().get("accuracy")));
    }

    /** MODEL.md: 80.7 % at equilibrium. */
    @Test
    void accuracyAtEquilibriumIsThePublishedOne() {
        Evaluation evaluation = evaluate(ModelOptions.DEFAULTS.withMode(Mode.EQUILIBRIUM), dev());
        assertEquals("80.7", "%.1f".formatted(100 * evaluation.metrics().get("accuracy")));
    }

    /** MODEL.md: 79.8 % at T = 4 with u0 = 0.5. */
    @Test
    void accuracyWithAnInitialPotentialIsThePublishedOne() {
        Evaluation evaluation = evaluate(ModelOptions.DEFAULTS.withTimesteps(4).withInitialPotential(0.5), dev());
        assertEquals("79.8", "%.1f".formatted(100 * evaluation.metrics().get("accuracy")));
    }

    @Test
    void batchSizeAndThreadsDoNotChangeALogitOrASpike() {
        List<GlueExample> some = dev().subList(0, 200);
        Evaluation first = evaluate(ModelOptions.DEFAULTS.withThreads(1).withBatchSize(1), some);
        for (ModelOptions options : List.of(
                ModelOptions.DEFAULTS.withThreads(2).withBatchSize(7),
                ModelOptions.DEFAULTS.withThreads(3).withBatchSize(200))) {
            Evaluation other = evaluate(options, some);
            for (int i = 0; i < some.size(); i++) {
                Prediction want = first.predictions().get(i);
                assertArrayEquals(want.logits(), other.predictions().get(i).logits(), "example " + i + " with " + options);
            }
            assertEquals(first.populations(), other.populations());
            assertEquals(first.cost().synapticOperations(), other.cost().synapticOperations());
        }
    }

    @Test
    void theOracleAndTheDefaultBackendAgreeOnWhatTheySaw() {
        List<GlueExample> some = dev().subList(0, 40);
        Evaluation oracle = evaluate(ModelOptions.DEFAULTS.withBackend("reference"), some);
        Evaluation fast = evaluate(ModelOptions.DEFAULTS, some);
        for (int i = 0; i < oracle.populations().size(); i++) {
            assertEquals(oracle.populations().get(i).density(), fast.populations().get(i).density(), 1e-4,
                    oracle.populations().get(i).population().toString());
        }
    }
}
