package io.leanspike.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.model.AttentionHeads;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Calls that do not fit the model, and use after close, are exceptions on every backend: never a crash, never a hang. */
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
                new KernelCall.SpikingAttention(0, AttentionHeads.uniform(2, 8), 5, NEURON, choice),
                new KernelCall.SpikingAttention(0, AttentionHeads.uniform(3, 8), 3, NEURON, choice),
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

    /** Before anything is launched: a kernel that does not exist would be missed only when it is asked for. */
    @TestFactory
    List<DynamicTest> aGpuRefusesAVariantThatItHasNoLaunchFor() {
        return TestedBackend.all().stream().filter(tested -> tested.name().contains("cuda"))
                .map(tested -> DynamicTest.dynamicTest(tested.toString(), () -> {
                    try (Backend backend = tested.open()) {
                        KernelCall norm = product(Projection.OUTPUT, "f32_t4");
                        assertEquals(Optional.of("a LayerNorm after f32 weights has launches of its own: variant split_f32_t1"),
                                backend.refusal(norm));
                        assertEquals(Optional.of("only a LayerNorm is split off"),
                                backend.refusal(product(Projection.KEY, "split_f32_t1")));
                        assertEquals(Optional.empty(), backend.refusal(product(Projection.OUTPUT, "split_f32_t1")));
                    }
                })).toList();
    }

    private static KernelCall product(Projection projection, String variant) {
        return new KernelCall.SpikeMatmul(0, projection, SHAPE.hidden(), SHAPE.hidden(), SHAPE.timesteps(), NEURON,
                new KernelChoice(variant, 16, "test"));
    }

    @TestFactory
    List<DynamicTest> aModelOutlivesItsBackendAndThenIsClosed() {
        return TestedBackend.all().stream()
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

    @TestFactory
    List<DynamicTest> aTokenOutsideTheModelsTablesIsRefused() {
        return natives(model -> {
            TokenBatch good = RandomModel.batch(SHAPE, 1, false);
            for (int table = 0; table < 3; table++) {
                for (int id : new int[] {-1, 1000}) {
                    int[][] ids = {good.wordIds().clone(), good.positionIds().clone(), good.typeIds().clone()};
                    ids[table][3] = id;
                    TokenBatch bad = new TokenBatch(ids[0], ids[1], ids[2], good.live(), good.rowOffsets());
                    assertThrows(IllegalArgumentException.class, () -> {
                        try (BatchRun run = model.begin(bad, Retention.POPULATIONS)) {
                            run.execute(List.of(new KernelCall.SpikeEncode(SHAPE.hidden(), SHAPE.timesteps(), NEURON, CHOICE)));
                            run.spikes(Population.EMBEDDING);
                        }
                    });
                }
            }
        });
    }

    @TestFactory
    List<DynamicTest> spikesOfOtherTokensThanTheBatchHasAreRefused() {
        return natives(model -> {
            try (BatchRun run = model.begin(RandomModel.batch(SHAPE, 1, false), Retention.POPULATIONS)) {
                for (int rows : new int[] {4, 6}) {
                    assertThrows(IllegalArgumentException.class,
                            () -> run.write(Population.EMBEDDING, RandomModel.spikes(rows, SHAPE.timesteps(), SHAPE.hidden(), 0.3, 1)));
                }
            }
        });
    }

    /** Its memory has become the next layer's: there is nothing of it to hand out. */
    @TestFactory
    List<DynamicTest> aPopulationWhoseMemoryIsReusedIsGone() {
        return natives(model -> {
            try (BatchRun run = model.begin(RandomModel.batch(SHAPE, 1, false), Retention.NONE)) {
                Population first = new Population(0, Population.Kind.KEY);
                Population next = new Population(1, Population.Kind.KEY);
                run.write(first, RandomModel.spikes(5, SHAPE.timesteps(), SHAPE.hidden(), 0.3, 1));
                run.write(next, RandomModel.spikes(5, SHAPE.timesteps(), SHAPE.hidden(), 0.3, 2));
                assertEquals(SHAPE.hidden(), run.spikes(next).width());
                assertThrows(IllegalStateException.class, () -> run.spikes(first));
                assertThrows(IllegalStateException.class,
                        () -> run.execute(List.of(new KernelCall.UnitCount(first, SHAPE.hidden(), SHAPE.timesteps(), CHOICE))));
            }
        });
    }

    /** What an earlier call counted stays, whatever is counted later, and also where a pass is a graph made by another run. */
    @TestFactory
    List<DynamicTest> countsOfEarlierCallsStay() {
        Shape many = new Shape(16, 2, 24, 3, 1, 2, 3, 1, 2, 3, 1, 2);
        return natives(model -> {
            TokenBatch batch = RandomModel.batch(many, 1, false);
            for (Retention retention : Retention.values()) {
                for (List<Population> order : List.of(Population.all(1).reversed(), Population.all(1))) {
                    try (BatchRun run = model.begin(batch, retention)) {
                        for (Population population : order) {
                            run.write(population, RandomModel.spikes(batch.rows(), 3, 16, 0.3, population.kind().ordinal()));
                            run.execute(List.of(new KernelCall.SpikeCount(population, 16, 3, CHOICE)));
                        }
                        for (Population population : order) {
                            SpikeTensor spikes = RandomModel.spikes(batch.rows(), 3, 16, 0.3, population.kind().ordinal());
                            assertArrayEquals(totals(batch, spikes), run.spikeTotals(population), population + " of " + order);
                        }
                    }
                }
            }
        });
    }

    private static long[] totals(TokenBatch batch, SpikeTensor spikes) {
        long[] totals = new long[batch.sequences()];
        for (int b = 0; b < totals.length; b++) {
            long wordsOfRow = SpikeTensor.bytes(1, spikes.timesteps(), spikes.width());
            for (long at = batch.rowOffsets()[b] * wordsOfRow; at < batch.rowOffsets()[b + 1] * wordsOfRow; at += Long.BYTES) {
                totals[b] += Long.bitCount(spikes.words().get(ValueLayout.JAVA_LONG_UNALIGNED, at));
            }
        }
        return totals;
    }

    /** A kernel sees an address: whether there is memory behind it must be asked before. */
    @TestFactory
    List<DynamicTest> weightsThatHaveBeenFreedAreNotRead() {
        List<DynamicTest> tests = new ArrayList<>();
        for (TestedBackend tested : TestedBackend.all()) {
            for (RandomModel.Stored stored : tested.exact() ? new RandomModel.Stored[0] : RandomModel.Stored.values()) {
                tests.add(DynamicTest.dynamicTest(tested + " " + stored, () -> {
                    ModelConfig config = RandomModel.config(SHAPE, 1, 1, 1, 0);
                    Arena arena = Arena.ofShared();
                    try (Backend backend = tested.open();
                            LoadedModel model = backend.load(config, RandomModel.weights(config, 1, arena, List.of(stored)));
                            BatchRun run = model.begin(RandomModel.batch(SHAPE, 1, false), Retention.POPULATIONS)) {
                        run.write(Population.EMBEDDING, RandomModel.spikes(5, SHAPE.timesteps(), SHAPE.hidden(), 0.3, 1));
                        arena.close();
                        KernelChoice choice = new KernelChoice(tested.name().contains("cuda") ? "f32_t4" : "floats", 16, "test");
                        KernelCall product = new KernelCall.SpikeMatmul(0, Projection.KEY, SHAPE.hidden(), SHAPE.hidden(),
                                SHAPE.timesteps(), NEURON, choice);
                        assertThrows(IllegalStateException.class, () -> run.execute(List.of(product)));
                    }
                }));
            }
        }
        return tests;
    }

    /** A model of two layers on every native backend. */
    private static List<DynamicTest> natives(Consumer<LoadedModel> body) {
        return TestedBackend.all().stream().filter(tested -> !tested.exact())
                .map(tested -> DynamicTest.dynamicTest(tested.toString(), () -> {
                    ModelConfig config = RandomModel.config(SHAPE, 2, 1, 1, 0);
                    try (Arena arena = Arena.ofShared();
                            Backend backend = tested.open();
                            LoadedModel model = backend.load(config, RandomModel.weights(config, 1, arena))) {
                        body.accept(model);
                    }
                })).toList();
    }
}
