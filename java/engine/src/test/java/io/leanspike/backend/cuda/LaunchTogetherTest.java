package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.backend.RandomModel;
import io.leanspike.model.ModelConfig;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Calls that no kernel serves together are refused as a launch: never one of them made and the others forgotten. */
class LaunchTogetherTest {
    private static final RandomModel.Shape SHAPE = new RandomModel.Shape(16, 2, 16, 3, 5);
    private static final KernelChoice CHOICE = new KernelChoice("f32_t4", 16, "test");

    @Test
    void callsThatNoKernelServesTogetherAreRefused() {
        Optional<String> absence = CudaDriver.absence(true);
        assumeTrue(absence.isEmpty(), () -> "skipped: " + absence.orElseThrow());
        List<List<KernelCall>> together = List.of(
                List.of(product(0, Projection.ATTENTION_OUTPUT), product(0, Projection.OUTPUT)),
                List.of(product(0, Projection.KEY), product(0, Projection.INTERMEDIATE)),
                List.of(product(0, Projection.KEY), product(1, Projection.KEY)),
                List.of(product(0, Projection.QUERY), product(0, Projection.KEY), product(0, Projection.VALUE), product(0, Projection.KEY)),
                List.of(retime(0), retime(1)));
        ModelConfig config = RandomModel.config(SHAPE, 2, 1, 1, 0);
        try (Arena arena = Arena.ofShared();
                CudaBackend backend = new CudaBackend(List.of(0), true);
                LoadedModel model = backend.load(config, RandomModel.weights(config, 1, arena));
                BatchRun run = model.begin(RandomModel.batch(SHAPE, 1, false), LoadedModel.Retention.POPULATIONS)) {
            for (Population population : Population.all(2)) {
                run.write(population, RandomModel.spikes(5, SHAPE.timesteps(), SHAPE.hidden(), 0.3, 1));
            }
            for (List<KernelCall> calls : together) {
                KernelCall fused = new KernelCall.Fused(calls, CHOICE);
                assertEquals(Optional.of(LaunchBuilder.ONE_LAUNCH), backend.refusal(fused), fused.output());
                assertThrows(IllegalArgumentException.class, () -> run.execute(List.of(fused)), fused.output());
            }
        }
    }

    private static KernelCall product(int layer, Projection projection) {
        return new KernelCall.SpikeMatmul(layer, projection, SHAPE.hidden(), SHAPE.hidden(), SHAPE.timesteps(),
                new Neuron(1, 1, 0, Neuron.Reset.SOFT), CHOICE);
    }

    private static KernelCall retime(int layer) {
        return new KernelCall.SpikeRetime(layer, Population.inputOf(layer), SHAPE.hidden(), SHAPE.timesteps(), 2, CHOICE);
    }
}
