package io.leanspike.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.SharedData;
import io.leanspike.eval.ForwardInputs;
import io.leanspike.eval.ForwardRecording;
import io.leanspike.eval.InferenceSession;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.Safetensors;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The golden cases, computed in float64 by another implementation: spikes of every population and logits. */
class GoldenTest {
    private static final List<String> CASES = List.of("if_odd_sizes", "if_pair", "if_wide", "lif_leaky");

    @TestFactory
    List<DynamicTest> everyBackendReproducesTheGoldenCases() {
        Path golden = SharedData.directory("golden");
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : CASES) {
            for (TestedBackend backend : TestedBackend.all()) {
                tests.add(DynamicTest.dynamicTest(name + " on " + backend, () -> check(golden.resolve(name), backend)));
            }
        }
        return tests;
    }

    private static void check(Path directory, TestedBackend tested) {
        try (Checkpoint checkpoint = Checkpoint.open(directory);
                Backend backend = tested.open();
                LoadedModel loaded = backend.load(checkpoint.config(), checkpoint.weights());
                Safetensors expected = Safetensors.open(directory.resolve("expected.safetensors"))) {
            ModelConfig config = checkpoint.config();
            Planner planner = new Planner(config, checkpoint.weights(), new TimestepSchedule(config.spiking().timesteps()),
                    Mode.SPIKING, config.spiking().initialPotential(), CostModel.DEFAULT,
                    SpikeDensities.TYPICAL, backend);
            InferenceSession session = new InferenceSession(loaded, planner, checkpoint.weights(), backend);
            ForwardInputs inputs = ForwardInputs.read(directory.resolve("inputs.safetensors"), config);
            ForwardRecording actual;
            try (BatchRun run = session.record(inputs.batch())) {
                actual = ForwardRecording.of(inputs, session.plan(inputs.batch()), run, true);
            }
            assertEquals(Population.all(config.hiddenLayers()), List.copyOf(actual.spikes().keySet()));
            long different = 0;
            long all = 0;
            for (Population population : actual.spikes().keySet()) {
                byte[] want = expected.tensor("spikes." + population).data().toArray(ValueLayout.JAVA_BYTE);
                byte[] got = actual.spikes().get(population).values();
                assertEquals(want.length, got.length, population.toString());
                for (int i = 0; i < want.length; i++) {
                    different += want[i] == got[i] ? 0 : 1;
                }
                all += want.length;
                if (tested.exact()) {
                    assertArrayEquals(doubles(expected, "counts." + population), actual.counts().get(population).values());
                }
            }
            if (tested.exact()) {
                assertEquals(0, different, "spikes that differ of " + all);
            } else {
                assertTrue(different * 10_000 < all, different + " of " + all + " spikes differ");
            }
            double[] logits = doubles(expected, "logits");
            double tolerance = tested.exact() ? 1e-9 : 1e-3;
            int labels = config.labels().size();
            for (int i = 0; i < logits.length; i++) {
                assertEquals(logits[i], actual.logits()[i / labels][i % labels], tolerance, "logit " + i);
            }
        }
    }

    private static double[] doubles(Safetensors file, String name) {
        MemorySegment data = file.tensor(name).data();
        return data.toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
    }
}
