package io.leanspike.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.RandomModel.Stored;
import io.leanspike.backend.TestedBackend;
import io.leanspike.backend.TokenBatch;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.InferenceSession;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter.Existing;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.TinyCheckpoint;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class StructuralPruningTest {
    private static final Shape SHAPE = new Shape(48, 4, 70, 5, 9, 1, 6);
    /** So far below the threshold that a unit with this bias never spikes. */
    private static final float SILENT = -1e6f;

    @TempDir
    private Path folder;

    /** What the engine does with a pruned model is what it does with the whole one whose pruned units cannot spike. */
    @TestFactory
    List<DynamicTest> pruningGivesTheLogitsOfTheModelWithTheseUnitsSilent() {
        List<DynamicTest> tests = new ArrayList<>();
        for (TestedBackend tested : TestedBackend.all()) {
            for (Stored stored : Stored.values()) {
                for (Mode mode : tested.name().contains("cuda") ? List.of(Mode.SPIKING) : List.of(Mode.values())) {
                    tests.add(DynamicTest.dynamicTest(tested + " " + stored + " " + mode, () -> check(tested, stored, mode)));
                }
            }
        }
        return tests;
    }

    private static void check(TestedBackend tested, Stored stored, Mode mode) {
        ModelConfig whole = RandomModel.config(SHAPE, 2, 1, 1, 0.5);
        try (Arena arena = Arena.ofShared(); Backend backend = tested.open()) {
            EncoderWeights weights = RandomModel.weights(whole, 7, arena, List.of(stored));
            List<LayerKeep> keeps = randomKeeps(whole, 11);
            List<LayerShape> shapes = IntStream.range(0, keeps.size())
                    .mapToObj(i -> keeps.get(i).shape(whole.layers().get(i))).toList();
            ModelConfig pruned = new ModelConfig(whole.vocabularySize(), whole.hiddenSize(), whole.attentionHeads(), whole.intermediateSize(),
                    whole.hiddenLayers(), whole.maxPositions(), whole.tokenTypes(), whole.layerNormEps(), whole.labels(), whole.spiking(),
                            shapes);
            double[][] expected = logits(backend, whole, silenced(weights, keeps), mode);
            double[][] actual = logits(backend, pruned, StructuralPruning.apply(weights, keeps, arena), mode);
            for (int b = 0; b < expected.length; b++) {
                assertArrayEquals(expected[b], actual[b], mode == Mode.SPIKING && !tested.name().contains("cuda") ? 0 : 1e-5);
            }
        }
    }

    private static double[][] logits(Backend backend, ModelConfig config, EncoderWeights weights, Mode mode) {
        TokenBatch batch = RandomModel.batch(SHAPE, 3, true);
        Planner planner = new Planner(config, weights, TimestepSchedule.uniform(SHAPE.timesteps(), 2), mode, 0.5, CostModel.DEFAULT,
                SpikeDensities.TYPICAL, backend);
        try (LoadedModel model = backend.load(config, weights)) {
            return new InferenceSession(model, planner, weights, backend).logits(batch);
        }
    }

    private static EncoderWeights silenced(EncoderWeights weights, List<LayerKeep> keeps) {
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < keeps.size(); i++) {
            LayerWeights layer = weights.layers().get(i);
            LayerKeep keep = keeps.get(i);
            layers.add(new LayerWeights(layer.query(), silenced(layer.key(), keep.keyColumns()), silenced(layer.value(), keep.valueColumns()),
                    layer.attentionOutput(), layer.attentionOutputNorm(), silenced(layer.intermediate(), keep.neuronIndices()),
                    layer.output(), layer.outputNorm()));
        }
        return new EncoderWeights(weights.embeddings(), layers, weights.classifier());
    }

    private static LinearWeights silenced(LinearWeights linear, int[] kept) {
        float[] bias = linear.bias().clone();
        Set<Integer> stays = Arrays.stream(kept).boxed().collect(Collectors.toSet());
        for (int i = 0; i < bias.length; i++) {
            bias[i] = stays.contains(i) ? bias[i] : SILENT;
        }
        return new LinearWeights(linear.weight(), bias);
    }

    private static List<LayerKeep> randomKeeps(ModelConfig config, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<LayerKeep> keeps = new ArrayList<>();
        for (LayerShape shape : config.layers()) {
            LayerKeep all = LayerKeep.all(shape);
            List<LayerKeep.Head> heads = all.heads().stream().skip(random.nextInt(1, shape.heads().count()))
                    .map(head -> new LayerKeep.Head(some(head.keys(), random), some(head.values(), random))).toList();
            keeps.add(new LayerKeep(heads, some(all.neurons(), random)));
        }
        return keeps;
    }

    private static List<Integer> some(List<Integer> indices, SplittableRandom random) {
        List<Integer> kept = new ArrayList<>(indices.stream().filter(i -> random.nextBoolean()).toList());
        return kept.isEmpty() ? indices : kept;
    }

    @Test
    void aPrunedCheckpointIsSmallerAndOpensAgain() {
        Path target = folder.resolve("pruned");
        try (Checkpoint source = Checkpoint.open(TinyCheckpoint.write(folder.resolve("model"), 1))) {
            List<UnitImportance> importance = source.weights().layers().stream().map(UnitImportance::magnitude).toList();
            List<LayerKeep> keeps = new PruningPlan(0.5, 0.25, 0.5, 0.75, PruningPlan.Allocation.UNIFORM)
                    .choose(source.config(), importance);
            StructuralPruning.write(source, keeps, target, Existing.REFUSE);
            try (Checkpoint made = Checkpoint.open(target)) {
                assertTrue(made.bytes() < source.bytes());
                for (LayerShape layer : made.config().layers()) {
                    // Of 4 heads of 8 columns and 48 neurons.
                    assertEquals(List.of(6, 6), layer.heads().keySizes());
                    assertEquals(List.of(4, 4), layer.heads().valueSizes());
                    assertEquals(12, layer.intermediate());
                    assertEquals(1 / Math.sqrt(8), layer.heads().scale());
                }
                assertEquals(source.config().labels(), made.config().labels());
            }
        }
    }

    @Test
    void nothingIsOverwritten() throws Exception {
        Path target = Files.createDirectory(folder.resolve("precious"));
        Files.writeString(target.resolve("file"), "keep");
        try (Checkpoint source = Checkpoint.open(TinyCheckpoint.write(folder.resolve("model"), 1))) {
            List<LayerKeep> all = source.config().layers().stream().map(LayerKeep::all).toList();
            assertThrows(InvalidInputException.class, () -> StructuralPruning.write(source, all, target, Existing.REFUSE));
        }
        assertEquals("keep", Files.readString(target.resolve("file")));
    }
}
