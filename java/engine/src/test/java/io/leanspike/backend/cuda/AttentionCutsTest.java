package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.SharedData;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.GpuAttention;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population;
import io.leanspike.eval.ForwardInputs;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.BatchShape;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** However the planner cuts attention, the spikes of the golden cases are the same to the last bit. */
class AttentionCutsTest {
    private static final List<GpuAttention> CUTS = List.of(new GpuAttention(16, 1), new GpuAttention(64, 1), new GpuAttention(32, 3),
            new GpuAttention(16, 8));

    @BeforeAll
    static void needsKernels() {
        Optional<String> absence = CudaDriver.absence(true);
        assumeTrue(absence.isEmpty(), () -> "skipped: " + absence.orElseThrow());
    }

    @TestFactory
    List<DynamicTest> spikesDoNotDependOnTheCut() {
        Path golden = SharedData.directory("golden");
        return List.of("if_odd_sizes", "if_pair", "if_wide", "lif_leaky").stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> check(golden.resolve(name)))).toList();
    }

    private static void check(Path directory) {
        try (Checkpoint checkpoint = Checkpoint.open(directory);
                CudaBackend backend = new CudaBackend(List.of(), true);
                LoadedModel model = backend.load(checkpoint.config(), checkpoint.weights())) {
            ModelConfig config = checkpoint.config();
            Planner planner = new Planner(config, checkpoint.weights(), new TimestepSchedule(config.spiking().timesteps()), Mode.SPIKING,
                    config.spiking().initialPotential(), CostModel.DEFAULT, SpikeDensities.TYPICAL, backend);
            ForwardInputs inputs = ForwardInputs.read(directory.resolve("inputs.safetensors"), config);
            List<KernelCall> planned = planner.plan(BatchShape.of(inputs.batch())).calls();
            List<long[]> expected = spikes(model, inputs, config, planned);
            for (GpuAttention cut : CUTS) {
                List<long[]> actual = spikes(model, inputs, config, planned.stream().map(call -> cutAs(cut, call)).toList());
                assertEquals(expected.size(), actual.size());
                for (int i = 0; i < expected.size(); i++) {
                    assertArrayEquals(expected.get(i), actual.get(i), cut + ", " + Population.all(config.hiddenLayers()).get(i));
                }
            }
            KernelCall tooLarge = planned.stream().filter(KernelCall.SpikingAttention.class::isInstance).findFirst()
                    .map(call -> cutAs(new GpuAttention(16, 17), call)).orElseThrow();
            assertThrows(IllegalArgumentException.class, () -> spikes(model, inputs, config, List.of(tooLarge)));
        }
    }

    private static List<long[]> spikes(LoadedModel model, ForwardInputs inputs, ModelConfig config, List<KernelCall> calls) {
        List<long[]> all = new ArrayList<>();
        try (BatchRun run = model.begin(inputs.batch(), Retention.POPULATIONS)) {
            run.execute(calls);
            for (Population population : Population.all(config.hiddenLayers())) {
                SpikeTensor spikes = run.spikes(population);
                all.add(spikes.words().toArray(ValueLayout.JAVA_LONG));
            }
        }
        return all;
    }

    private static KernelCall cutAs(GpuAttention cut, KernelCall call) {
        return call instanceof KernelCall.SpikingAttention c
                ? new KernelCall.SpikingAttention(c.layer(), c.heads(), c.timesteps(), c.neuron(), cut.choice("test")) : call;
    }
}
