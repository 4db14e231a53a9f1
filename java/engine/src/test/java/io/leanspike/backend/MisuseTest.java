package io.leanspike.backend;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.model.AttentionHeads;
import io.leanspike.model.ModelConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Calls that do not fit the model, and use after close, are exceptions on every native backend: never a crash, never a hang. */
class MisuseTest {
    private static final Shape SHAPE = new Shape(16, 2, 24, 3, 5);
    private static final Neuron NEURON = new Neuron(1, 1, 0, Neuron.Reset.SOFT);
    private static final KernelChoice CHOICE = new KernelChoice("test", 0, "test");

    @TestFactory
    List<DynamicTest> aCallThatDoesNotFitTheModelIsRefused() {
        List<DynamicTest> tests = new ArrayList<>();
        for (TestedBackend tested : TestedBackend.all()) {
            if (!tested.exact()) {
                for (KernelCall call : misfits(tested.name().contains("cuda") ? "f32_t4" : "floats")) {
                    tests.add(DynamicTest.dynamicTest(tested + " " + call, () -> refused(tested, call)));
                }
            }
        }
        return tests;
    }

    /** @param product a variant of spike_matmul that the backend has */
    private static List<KernelCall> misfits(String product) {
        KernelChoice choice = new KernelChoice(product, 16, "test");
        return List.of(
                new KernelCall.SpikeEncode(1, 3, NEURON, CHOICE),
                new KernelCall.SpikeMatmul(0, Projection.KEY, 17, 16, 3, NEURON, choice),
                new KernelCall.SpikeMatmul(0, Projection.KEY, 16, 900, 3, NEURON, choice),
                new KernelCall.SpikeMatmul(0, Projection.KEY, 16, 16, 4, NEURON, choice),
                new KernelCall.SpikingAttention(0, AttentionHeads.uniform(2, 8), 5, NEURON, CHOICE),
                new KernelCall.SpikingAttention(0, AttentionHeads.uniform(3, 8), 3, NEURON, CHOICE),
                new KernelCall.SpikeCount(Population.EMBEDDING, 64, 100, CHOICE),
                new KernelCall.ClassifierHead(Population.EMBEDDING, 16, 50, Optional.of(3), CHOICE),
                new KernelCall.ClassifierHead(Population.EMBEDDING, 16, 3, Optional.of(99), CHOICE));
    }

    private static void refused(TestedBackend tested, KernelCall call) {
        ModelConfig config = RandomModel.config(SHAPE, 1, 1, 1, 0);
        try (Arena arena = Arena.ofShared();
                Backend backend = tested.open();
                LoadedModel model = backend.load(config, RandomModel.weights(config, 1, arena));
                BatchRun run = model.begin(RandomModel.batch(SHAPE, 1, false), Retention.POPULATIONS)) {
            for (Population population : Population.all(1)) {
                int width = population.kind() == Population.Kind.INTERMEDIATE ? SHAPE.intermediate() : SHAPE.hidden();
                run.write(population, RandomModel.spikes(5, SHAPE.timesteps(), width, 0.3, 1));
            }
            run.writeQuery(0, SHAPE.timesteps(), new float[5 * SHAPE.timesteps() * SHAPE.hidden()]);
            assertThrows(IllegalArgumentException.class, () -> run.execute(List.of(call)));
        }
    }

    @TestFactory
    List<DynamicTest> aModelOutlivesItsBackendAndThenIsClosed() {
        return TestedBackend.all().stream().filter(tested -> !tested.exact() && !tested.name().contains("cuda"))
                .map(tested -> DynamicTest.dynamicTest(tested.toString(), () -> {
                    ModelConfig config = RandomModel.config(SHAPE, 1, 1, 1, 0);
                    try (Arena arena = Arena.ofShared()) {
                        Backend backend = tested.open();
                        LoadedModel model = backend.load(config, RandomModel.weights(config, 1, arena));
                        backend.close();
                        backend.close();
                        try (BatchRun run = model.begin(RandomModel.batch(SHAPE, 1, false), Retention.NONE)) {
                            run.execute(List.of(new KernelCall.SpikeEncode(SHAPE.hidden(), 3, NEURON, CHOICE)));
                        }
                        model.close();
                        model.close();
                        assertThrows(IllegalStateException.class,
                                () -> model.begin(RandomModel.batch(SHAPE, 1, false), Retention.NONE));
                        assertThrows(IllegalStateException.class,
                                () -> backend.load(config, RandomModel.weights(config, 1, arena)));
                    }
                })).toList();
    }
}
