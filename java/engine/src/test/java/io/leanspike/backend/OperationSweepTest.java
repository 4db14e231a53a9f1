package io.leanspike.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population.Kind;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.RandomModel.Stored;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.backend.reference.ReferenceRun;
import io.leanspike.model.AttentionHeads;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.GpuCosts;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every operation of every backend gives what the oracle gives, on shapes that are odd, tiny, ragged and large. */
class OperationSweepTest {
    /** Float32 currents of this size are good to about 1e-6; a unit that came closer to its threshold may see another spike. */
    private static final double MARGIN = 1e-4;
    private static final double REAL_TOLERANCE = 1e-4;
    private static final KernelChoice CHOICE = new KernelChoice("test", 3, "test");

    private static final List<Shape> SHAPES = List.of(
            new Shape(1, 1, 1, 1, 1),
            new Shape(8, 2, 5, 3, 1, 7, 2),
            new Shape(40, 5, 72, 7, 33, 1, 20),
            new Shape(65, 5, 129, 4, 16, 17),
            new Shape(192, 12, 320, 16, 50, 3),
            new Shape(96, 3, 130, 33, 9, 40),
            new Shape(64, 1, 64, 100, 5),
            new Shape(128, 2, 512, 2, 300),
            new Shape(768, 12, 3072, 4, 6, 11));

    /** Of T = 1, 2 and more, which have kernels of their own, and of widths that fill no tile and many. */
    private static final List<Shape> SHAPES_OF_SHARED_LAUNCHES = List.of(
            new Shape(1, 1, 1, 1, 1),
            new Shape(40, 5, 8, 2, 33, 1, 20),
            new Shape(65, 5, 8, 4, 16, 17),
            new Shape(96, 3, 8, 33, 9, 40),
            new Shape(192, 12, 8, 1, 50, 130),
            new Shape(768, 12, 8, 16, 6, 11));

    private record Neurons(double threshold, double leak, double initialPotential, Neuron.Reset reset) {
        Neuron neuron() {
            return new Neuron(threshold, leak, initialPotential * threshold, reset);
        }
    }

    private static final List<Neurons> NEURONS = List.of(
            // Not 1: attention weights add up to just that, and every unit would stand on its threshold.
            new Neurons(1.01, 1, 0, Neuron.Reset.SOFT),
            new Neurons(0.75, 0.9, 0.5, Neuron.Reset.SOFT),
            new Neurons(1.3, 0.8, 0.25, Neuron.Reset.HARD));

    @TestFactory
    List<DynamicTest> everyOperationOfEveryBackendAgreesWithTheOracle() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Shape shape : SHAPES) {
            for (int n = 0; n < NEURONS.size(); n++) {
                Neurons neurons = NEURONS.get(n);
                long seed = 1000L * SHAPES.indexOf(shape) + n;
                ModelConfig config = config(shape, neurons);
                tests.add(DynamicTest.dynamicTest(shape + " " + neurons + " seed " + seed, () ->
                        check(config, shape, seed, calls(config, neurons.neuron()), List.of(Stored.values()))));
            }
        }
        return tests;
    }

    /** Heads of different numbers of key and value columns, and fewer neurons than the shape says. */
    @TestFactory
    List<DynamicTest> everyOperationOfAPrunedLayerAgreesWithTheOracle() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Shape shape : SHAPES) {
            Neurons neurons = NEURONS.get(tests.size() % NEURONS.size());
            long seed = 5000L + tests.size();
            ModelConfig config = RandomModel.pruned(config(shape, neurons), seed);
            tests.add(DynamicTest.dynamicTest(shape + " " + config.layers() + " " + neurons + " seed " + seed, () ->
                    check(config, shape, seed, calls(config, neurons.neuron()), List.of(Stored.values()))));
        }
        return tests;
    }

    /** Query, key and value read the same spikes, and all three are made in one launch. */
    @TestFactory
    List<DynamicTest> productsThatShareALaunchAgreeWithTheOracleInEveryWeightKind() {
        List<DynamicTest> tests = new ArrayList<>();
        for (WeightKind kind : WeightKind.values()) {
            for (Shape shape : SHAPES_OF_SHARED_LAUNCHES) {
                Neurons neurons = NEURONS.get(tests.size() % NEURONS.size());
                long seed = 7000L + tests.size();
                tests.add(DynamicTest.dynamicTest(kind + " " + shape + " " + neurons + " seed " + seed, () -> {
                    List<KernelCall> products = new ArrayList<>();
                    for (Projection p : List.of(Projection.QUERY, Projection.KEY, Projection.VALUE)) {
                        products.add(new KernelCall.SpikeMatmul(0, p, shape.hidden(), shape.hidden(), shape.timesteps(), neurons.neuron(),
                                CHOICE));
                    }
                    check(config(shape, neurons), shape, seed, List.of(new KernelCall.Fused(products, CHOICE)), storedFor(kind));
                }));
            }
        }
        return tests;
    }

    /** Matrices that a launch of this kind serves: none wider, and one at least that needs it. */
    private static List<Stored> storedFor(WeightKind kind) {
        return switch (kind) {
            case F32 -> List.of(Stored.F32);
            case F16 -> List.of(Stored.F16, Stored.BF16);
            case I8 -> List.of(Stored.I8);
            case TERNARY -> List.of(Stored.TERNARY);
            case BINARY -> List.of(Stored.BINARY);
        };
    }

    private static void check(ModelConfig config, Shape shape, long seed, List<KernelCall> calls, List<Stored> stored) {
        TokenBatch batch = RandomModel.batch(shape, seed, seed % 2 == 1);
        Operands operands = Operands.of(config, shape.timesteps(), batch.rows(), seed);
        try (Arena arena = Arena.ofShared(); Backend oracle = new ReferenceBackend(2)) {
            EncoderWeights weights = RandomModel.weights(config, seed, arena, stored);
            LoadedModel expectedModel = oracle.load(config, weights);
            // The oracle is the slow one: it runs once, for all backends.
            List<ReferenceRun> expected = new ArrayList<>();
            for (KernelCall call : calls) {
                expected.add((ReferenceRun) run(expectedModel, batch, operands, call));
            }
            for (TestedBackend tested : TestedBackend.all()) {
                try (Backend backend = tested.open();
                        LoadedModel model = backend.load(config, weights)) {
                    for (int i = 0; i < calls.size(); i++) {
                        for (KernelCall call : variants(backend, calls.get(i), weights, batch.rows())) {
                            if (backend.refusal(call).isPresent()) {
                                continue;
                            }
                            try (BatchRun actual = run(model, batch, operands, call)) {
                                compare(call, expected.get(i), actual, "%s, %s %s -> %s, %s, seed %d".formatted(
                                        tested, call.operation(), call.choice().variant(), call.output(), shape, seed));
                            }
                        }
                    }
                }
            }
        }
    }

    private static BatchRun run(LoadedModel model, TokenBatch batch, Operands operands, KernelCall call) {
        BatchRun run = model.begin(batch, Retention.POPULATIONS);
        operands.spikes.forEach(run::write);
        if (call instanceof KernelCall.MembraneUpdate update) {
            run.writeCurrent(update.population(), update.timesteps(), operands.query);
        }
        if (readsRates(call)) {
            operands.rates.forEach(run::writeRates);
        }
        if (call instanceof KernelCall.RateAttention) {
            run.writeQuery(0, 1, Arrays.copyOf(operands.query, operands.query.length / operands.timesteps));
        } else {
            run.writeQuery(0, operands.timesteps, operands.query);
        }
        run.execute(List.of(call));
        return run;
    }

    private static ModelConfig config(Shape shape, Neurons neurons) {
        return RandomModel.config(shape, 1, neurons.threshold, neurons.leak, neurons.initialPotential);
    }

    /**
     * Products and attention have variants. On a GPU: attention cut in several ways; products on tensor cores, as the planner's own rule
     * tiles them and with one-bit weights in blocks of several tiles, and gathering; on a CPU: every form that the weights can be packed
     * in.
     */
    private static List<KernelCall> variants(Backend backend, KernelCall call, EncoderWeights weights, int rows) {
        if (call instanceof KernelCall.SpikingAttention attention && backend.gpu().isPresent()) {
            return Stream.of(new GpuAttention(16, 1), new GpuAttention(64, 1), new GpuAttention(16, Math.min(8, attention.timesteps())),
                            new GpuAttention(32, 3))
                    .<KernelCall>map(cut -> new KernelCall.SpikingAttention(attention.layer(), attention.heads(), attention.timesteps(),
                            attention.neuron(), cut.choice("test"))).toList();
        }
        if (!(call.parts().getFirst() instanceof KernelCall.SpikeMatmul first)) {
            return List.of(call);
        }
        List<KernelCall.SpikeMatmul> products = call.parts().stream().map(KernelCall.SpikeMatmul.class::cast).toList();
        if (backend.gpu().isEmpty()) {
            return Arrays.stream(CpuMatmul.values())
                    .filter(form -> form == CpuMatmul.FLOATS || products.stream()
                            .allMatch(c -> CpuMatmul.of(c.projection().weights(weights.layers().getFirst()).weight()).contains(form)))
                    .map(form -> with(new KernelChoice(form.toString(), CHOICE.tileRows(), "test"), call)).toList();
        }
        KernelChoice tensor = new GpuCosts(backend.gpu().get()).matmul(first.projection().epilogue(),
                products.stream().map(c -> c.projection().weights(weights.layers().getFirst())).toList(), rows, first.timesteps(), 1);
        WeightKind kind = GpuMatmul.parse(tensor.variant()).kind();
        GpuMatmul gather = new GpuMatmul(GpuMatmul.Form.GATHER, kind.isInteger() ? WeightKind.I8 : kind, 4);
        List<KernelChoice> choices = new ArrayList<>(List.of(tensor, new KernelChoice(gather.toString(), 1, "test")));
        if (kind.isLowBit()) {
            choices.add(severalTiles(first, kind));
        }
        return choices.stream().map(choice -> with(choice, call)).toList();
    }

    private static KernelChoice severalTiles(KernelCall.SpikeMatmul call, WeightKind kind) {
        boolean norm = call.projection().epilogue() == Epilogue.NORM_MEMBRANE;
        int steps = norm ? 1 : call.timesteps() <= 2 ? call.timesteps() : 4;
        GpuMatmul variant = new GpuMatmul(norm ? GpuMatmul.Form.SPLIT : GpuMatmul.Form.TENSOR, kind, steps, 3);
        return new KernelChoice(variant.toString(), MatmulGeometry.PAIR_ROWS / steps, "test");
    }

    private static KernelCall with(KernelChoice choice, KernelCall products) {
        List<KernelCall> chosen = products.parts().stream().map(KernelCall.SpikeMatmul.class::cast).<KernelCall>map(c ->
                new KernelCall.SpikeMatmul(c.layer(), c.projection(), c.inputs(), c.outputs(), c.timesteps(), c.neuron(), choice)).toList();
        return products instanceof KernelCall.Fused ? new KernelCall.Fused(chosen, choice) : chosen.getFirst();
    }

    private static boolean readsRates(KernelCall call) {
        return switch (call) {
            case KernelCall.RateMatmul c -> true;
            case KernelCall.RateAttention c -> true;
            case KernelCall.ClassifierHead c -> c.timesteps().isEmpty();
            default -> false;
        };
    }

    /** Every operation, each projection and both heads of the classifier. */
    private static List<KernelCall> calls(ModelConfig config, Neuron neuron) {
        int t = config.spiking().timesteps().getFirst();
        int d = config.hiddenSize();
        AttentionHeads heads = config.layers().getFirst().heads();
        int intermediate = config.layers().getFirst().intermediate();
        List<KernelCall> calls = new ArrayList<>();
        calls.add(new KernelCall.SpikeEncode(d, t, neuron, CHOICE));
        calls.add(new KernelCall.RateEncode(d, neuron, CHOICE));
        for (Projection p : Projection.values()) {
            int inputs = p.input(0).equals(Population.EMBEDDING) ? d : width(config, p.input(0));
            int outputs = p.output(0).map(population -> width(config, population)).orElse(heads.keyWidth());
            calls.add(new KernelCall.SpikeMatmul(0, p, inputs, outputs, t, neuron, CHOICE));
            calls.add(new KernelCall.RateMatmul(0, p, inputs, outputs, neuron, CHOICE));
        }
        for (int other : new int[] {1, t + 3}) {
            calls.add(new KernelCall.SpikeRetime(0, Population.EMBEDDING, d, t, other, CHOICE));
        }
        calls.add(new KernelCall.SpikingAttention(0, heads, t, neuron, CHOICE));
        calls.add(new KernelCall.RateAttention(0, heads, neuron, CHOICE));
        calls.add(new KernelCall.SpikeCount(new Population(0, Kind.INTERMEDIATE), intermediate, t, CHOICE));
        calls.add(new KernelCall.UnitCount(new Population(0, Kind.INTERMEDIATE), intermediate, t, CHOICE));
        for (Readers readers : Readers.values()) {
            Population read = readers.population(0, Population.EMBEDDING);
            calls.add(new KernelCall.SynapseCount(0, readers, read, width(config, read), t, CHOICE));
        }
        calls.add(new KernelCall.MembraneUpdate(new Population(0, Kind.KEY), heads.keyWidth(), t, neuron, CHOICE));
        Population output = new Population(0, Kind.OUTPUT);
        int labels = config.labels().size();
        calls.add(new KernelCall.ClassifierHead(output, d, labels, Optional.of(t), CHOICE));
        calls.add(new KernelCall.ClassifierHead(output, d, labels, Optional.empty(), CHOICE));
        return calls;
    }

    private static int width(ModelConfig config, Population population) {
        LayerShape layer = config.layers().getFirst();
        return switch (population.kind()) {
            case KEY -> layer.heads().keyWidth();
            case VALUE, CONTEXT -> layer.heads().valueWidth();
            case INTERMEDIATE -> layer.intermediate();
            case EMBEDDING, ATTENTION_OUTPUT, OUTPUT, INPUT -> config.hiddenSize();
        };
    }

    /** Spikes and rates of every population and a query, so that any one operation can run. */
    private record Operands(int timesteps, Map<Population, SpikeTensor> spikes, Map<Population, float[]> rates, float[] query) {

        static Operands of(ModelConfig config, int timesteps, int rows, long seed) {
            Map<Population, SpikeTensor> spikes = new LinkedHashMap<>();
            Map<Population, float[]> rates = new LinkedHashMap<>();
            List<Population> populations = Population.all(1);
            for (int i = 0; i < populations.size(); i++) {
                Population population = populations.get(i);
                int width = OperationSweepTest.width(config, population);
                // From silent to full, so that both extremes and the usual densities are met.
                double density = List.of(0.2, 0.05, 0.5, 0.1, 0.3, 0.0, 1.0).get((int) ((i + seed) % 7));
                spikes.put(population, RandomModel.spikes(rows, timesteps, width, density, seed + i));
                rates.put(population, reals(rows * width, seed + 100 + i, 0, 1));
            }
            int keyWidth = config.layers().getFirst().heads().keyWidth();
            return new Operands(timesteps, spikes, rates, reals(rows * timesteps * keyWidth, seed, -1, 1));
        }
    }

    private static float[] reals(int count, long seed, double from, double to) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(from, to);
        }
        return values;
    }

    private static void compare(KernelCall call, ReferenceRun expected, BatchRun actual, String what) {
        switch (call) {
            case KernelCall.Fused fused -> fused.parts().forEach(part -> compare(part, expected, actual, what));
            case KernelCall.SpikeEncode c -> compareSpikes(Population.EMBEDDING, expected, actual, what);
            case KernelCall.SpikeMatmul c -> c.projection().output(0).ifPresentOrElse(
                    population -> compareSpikes(population, expected, actual, what),
                    () -> compareReals(expected.query(0), actual.query(0), what));
            case KernelCall.SpikingAttention c -> compareSpikes(new Population(0, Kind.CONTEXT), expected, actual, what);
            case KernelCall.SpikeCount c -> org.junit.jupiter.api.Assertions.assertArrayEquals(
                    expected.spikeTotals(c.population()), actual.spikeTotals(c.population()), what);
            case KernelCall.UnitCount c -> org.junit.jupiter.api.Assertions.assertArrayEquals(
                    expected.unitCounts(c.population()), actual.unitCounts(c.population()), what);
            case KernelCall.SynapseCount c -> org.junit.jupiter.api.Assertions.assertArrayEquals(
                    expected.synapseTotals(c.population()), actual.synapseTotals(c.population()), what);
            case KernelCall.SpikeRetime c -> compareSpikes(new Population(0, Kind.INPUT), expected, actual, what);
            case KernelCall.MembraneUpdate c -> compareSpikes(c.population(), expected, actual, what);
            case KernelCall.ClassifierHead c -> {
                for (int b = 0; b < expected.logits().length; b++) {
                    compareReals(expected.logits()[b], actual.logits()[b], what);
                }
            }
            case KernelCall.RateEncode c -> compareReals(expected.rates(Population.EMBEDDING), actual.rates(Population.EMBEDDING), what);
            case KernelCall.RateMatmul c -> c.projection().output(0).ifPresentOrElse(
                    population -> compareReals(expected.rates(population), actual.rates(population), what),
                    () -> compareReals(expected.query(0), actual.query(0), what));
            case KernelCall.RateAttention c -> {
                Population context = new Population(0, Kind.CONTEXT);
                compareReals(expected.rates(context), actual.rates(context), what);
            }
        }
    }

    private static void compareReals(double[] expected, double[] actual, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            double tolerance = REAL_TOLERANCE * Math.max(1, Math.abs(expected[i]));
            if (!(Math.abs(expected[i] - actual[i]) <= tolerance)) {
                fail("%s: element %d is %s, but the oracle says %s".formatted(what, i, actual[i], expected[i]));
            }
        }
    }

    /** Every unit that stayed clear of its threshold must spike exactly as in the oracle; few may have come close. */
    private static void compareSpikes(Population population, ReferenceRun expected, BatchRun actual, String what) {
        SpikeTensor want = expected.spikes(population);
        SpikeTensor got = actual.spikes(population);
        double[] margins = expected.margins(population);
        long close = 0;
        for (int row = 0; row < want.rows(); row++) {
            for (int j = 0; j < want.width(); j++) {
                if (margins[row * want.width() + j] < MARGIN) {
                    close++;
                    continue;
                }
                for (int t = 0; t < want.timesteps(); t++) {
                    if (want.get(row, t, j) != got.get(row, t, j)) {
                        fail("%s: the spike of row %d, timestep %d, unit %d is not the oracle's".formatted(what, row, t, j));
                    }
                }
            }
        }
        double chance = 20 * MARGIN * want.timesteps();
        assertTrue(close <= 3 + chance * margins.length,
                "%s: %d of %d units came within %s of the threshold: too many to prove anything".formatted(
                        what, close, margins.length, MARGIN));
    }
}
