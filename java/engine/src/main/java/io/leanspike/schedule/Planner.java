package io.leanspike.schedule;

import io.leanspike.account.FanOut;
import io.leanspike.backend.Backend;
import io.leanspike.backend.Epilogue;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.backend.Readers;
import io.leanspike.backend.Reason;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.AttentionHeads;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.NeuronSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns (model, schedule, batch shape, backend) into an {@link ExecutionPlan}. It alone chooses kernels and tiles. Thread-safe. */
public final class Planner {
    private static final int KEPT_PLANS = 32;

    private final ModelConfig config;
    private final EncoderWeights weights;
    private final TimestepSchedule schedule;
    private final Mode mode;
    private final double initialPotential;
    private final CostModel costs;
    private final SpikeDensities densities;
    private final Backend backend;
    private final List<Map<Readers, FanOut>> fanOuts;
    /** The latest: a plan depends on nothing else that changes, and making one takes a tenth of what a short sequence at T = 1 does. */
    private final Map<BatchShape, ExecutionPlan> plans = new LinkedHashMap<>(2 * KEPT_PLANS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<BatchShape, ExecutionPlan> eldest) {
            return size() > KEPT_PLANS;
        }
    };

    /**
     * @param initialPotential u0 as a share of the threshold, of populations for which the configuration has no neurons of their own
     * @param densities what share of each population is expected to spike
     * @throws InvalidInputException when the schedule or mode needs something that is not defined for the model
     */
    public Planner(ModelConfig config, EncoderWeights weights, TimestepSchedule schedule, Mode mode, double initialPotential,
            CostModel costs, SpikeDensities densities, Backend backend) {
        if (schedule.timesteps().size() != config.hiddenLayers()) {
            throw new InvalidInputException("timesteps: %d layers are given, but the model has %d"
                    .formatted(schedule.timesteps().size(), config.hiddenLayers()));
        }
        if (mode == Mode.EQUILIBRIUM && config.spiking().leak() != 1) {
            throw new InvalidInputException("equilibrium mode is defined for leak 1 only, but this model leaks: %s"
                    .formatted(config.spiking().leak()));
        }
        this.config = config;
        this.weights = weights;
        this.schedule = schedule;
        this.mode = mode;
        this.costs = costs;
        this.densities = densities;
        this.backend = backend;
        fanOuts = mode == Mode.SPIKING ? weights.layers().stream().map(Planner::fanOuts).toList() : List.of();
        this.initialPotential = initialPotential;
    }

    private Neuron neuron(Population population) {
        NeuronSettings own = config.spiking().populations()
                .getOrDefault(population.toString(), new NeuronSettings(config.spiking().threshold(), initialPotential));
        return new Neuron(own.threshold(), config.spiking().leak(), own.initialPotential() * own.threshold(), Neuron.Reset.SOFT);
    }

    /** Of what the product drives; the query has no neuron, and its call's is not looked at. */
    private Neuron neuron(int layer, Projection projection) {
        return neuron(projection.output(layer).orElse(new Population(layer, Population.Kind.KEY)));
    }

    private Planner(Planner other, TimestepSchedule schedule) {
        config = other.config;
        weights = other.weights;
        this.schedule = schedule;
        mode = other.mode;
        initialPotential = other.initialPotential;
        costs = other.costs;
        densities = other.densities;
        backend = other.backend;
        fanOuts = other.fanOuts;
    }

    /** The same model with other timesteps. */
    public Planner with(TimestepSchedule other) {
        return new Planner(this, other);
    }

    public TimestepSchedule schedule() {
        return schedule;
    }

    private static Map<Readers, FanOut> fanOuts(LayerWeights layer) {
        Map<Readers, FanOut> fanOuts = new EnumMap<>(Readers.class);
        for (Readers readers : Readers.values()) {
            fanOuts.put(readers, readers.fanOut(layer));
        }
        return fanOuts;
    }

    /** Live weights behind the units that these products of a layer read; of a spiking plan. */
    public FanOut fanOut(int layer, Readers readers) {
        return fanOuts.get(layer).get(readers);
    }

    /**
     * The calls for a batch.
     *
     * @throws UnsupportedOperationException when the backend cannot execute one of them; the message says which and why
     */
    public ExecutionPlan plan(BatchShape shape) {
        synchronized (plans) {
            Optional<ExecutionPlan> known = Optional.ofNullable(plans.get(shape));
            if (known.isPresent()) {
                return known.get();
            }
        }
        ExecutionPlan plan = newPlan(shape);
        synchronized (plans) {
            plans.put(shape, plan);
        }
        return plan;
    }

    private ExecutionPlan newPlan(BatchShape shape) {
        List<KernelCall> calls = new ArrayList<>();
        if (mode == Mode.SPIKING) {
            spiking(shape, calls);
        } else {
            equilibrium(shape, calls);
        }
        for (KernelCall call : calls) {
            backend.refusal(call).ifPresent(why -> {
                throw new UnsupportedOperationException("backend %s cannot run %s for %s: %s"
                        .formatted(backend.name(), call.operation(), call.output(), why));
            });
        }
        return new ExecutionPlan(mode, schedule, shape, backend.name(), calls);
    }

    private void spiking(BatchShape shape, List<KernelCall> calls) {
        int width = config.hiddenSize();
        int t = schedule.of(0);
        List<KernelCall> counts = new ArrayList<>();
        calls.add(new KernelCall.SpikeEncode(width, t, neuron(Population.EMBEDDING),
                choice("LayerNorm once a token: its current is the same at every timestep")));
        counts.add(count(Population.EMBEDDING, width, t));
        for (int layer = 0; layer < config.hiddenLayers(); layer++) {
            Population source = Population.inputOf(layer);
            if (schedule.of(layer) != t) {
                calls.add(new KernelCall.SpikeRetime(layer, source, width, t, schedule.of(layer), choice("T = %d reads T = %d".formatted(
                        schedule.of(layer), t))));
                source = new Population(layer, Population.Kind.INPUT);
                counts.add(count(source, width, schedule.of(layer)));
            }
            t = schedule.of(layer);
            addMatmuls(layer, List.of(Projection.QUERY, Projection.KEY, Projection.VALUE), source, t, shape, calls, counts);
            Population context = new Population(layer, Population.Kind.CONTEXT);
            AttentionHeads heads = config.layers().get(layer).heads();
            calls.add(new KernelCall.SpikingAttention(layer, heads, t, neuron(context), attention(heads, shape, t)));
            counts.add(count(context, heads.valueWidth(), t));
            for (Projection projection : List.of(Projection.ATTENTION_OUTPUT, Projection.INTERMEDIATE, Projection.OUTPUT)) {
                addMatmuls(layer, List.of(projection), source, t, shape, calls, counts);
            }
            addTogether(counts, Reason.of("measured spikes for the accounting"), calls);
            counts.clear();
            addSynapseCounts(layer, source, t, calls);
        }
        Population last = Population.inputOf(config.hiddenLayers());
        calls.add(new KernelCall.ClassifierHead(last, width, config.labels().size(), Optional.of(t), choice("one row a sequence")));
    }

    /** @param source the population that the layer reads */
    private void addMatmuls(int layer, List<Projection> projections, Population source, int timesteps, BatchShape shape,
            List<KernelCall> calls, List<KernelCall> counts) {
        List<LinearWeights> linears = projections.stream().map(projection -> projection.weights(weights.layers().get(layer))).toList();
        double density = densities.of(projections.getFirst().input(layer));
        List<KernelChoice> choices = backend.gpu()
                .map(gpu -> Collections.nCopies(projections.size(),
                        new GpuCosts(gpu).matmul(projections.getFirst().epilogue(), linears, shape.rows(), timesteps, density)))
                .orElseGet(() -> linears.stream().map(linear -> onCpu(projections.getFirst().epilogue(), linear, shape.rows(), timesteps, density))
                        .toList());
        List<KernelCall> products = new ArrayList<>();
        for (int i = 0; i < projections.size(); i++) {
            Projection projection = projections.get(i);
            LinearWeights linear = linears.get(i);
            products.add(new KernelCall.SpikeMatmul(layer, projection, source, linear.inputs(), linear.outputs(), timesteps,
                    neuron(layer, projection), choices.get(i)));
            projection.output(layer).ifPresent(population -> counts.add(count(population, linear.outputs(), timesteps)));
        }
        addTogether(products, choices.getFirst().reason(), calls);
    }

    private KernelChoice attention(AttentionHeads heads, BatchShape shape, int timesteps) {
        return backend.gpu().map(gpu -> new GpuCosts(gpu).attention(heads, shape, timesteps))
                .orElseGet(() -> choice("keys and values stay bits; padding takes no part"));
    }

    private KernelChoice onCpu(Epilogue epilogue, LinearWeights linear, int rows, int timesteps, double density) {
        int tile = costs.tileRows(epilogue, rows, timesteps, linear.outputs(), backend.threads());
        CostModel.Choice chosen = costs.kernel(backend.variant(), linear.weight(), rows, timesteps, tile, density);
        return new KernelChoice(chosen.kernel().toString(), tile, chosen.reason().and("; T folded in: %d rows a tile", tile * timesteps));
    }

    /** As one launch where the backend has it, else one after the other. */
    private void addTogether(List<KernelCall> parts, Reason reason, List<KernelCall> calls) {
        if (parts.size() > 1) {
            KernelChoice first = parts.getFirst().choice();
            KernelCall fused = new KernelCall.Fused(parts, new KernelChoice(first.variant(), first.tileRows(), reason.and(", one launch")));
            if (backend.refusal(fused).isEmpty()) {
                calls.add(fused);
                return;
            }
        }
        calls.addAll(parts);
    }

    /** Where units differ in their live weights, and the backend can tell: elsewhere the spikes alone say what they cause. */
    private void addSynapseCounts(int layer, Population source, int timesteps, List<KernelCall> calls) {
        List<KernelCall> counts = new ArrayList<>();
        for (Readers readers : Readers.values()) {
            FanOut fanOut = fanOut(layer, readers);
            KernelCall count = new KernelCall.SynapseCount(layer, readers, readers.population(layer, source), fanOut.live().length,
                    timesteps, choice("units have %d and more live weights".formatted(fanOut.least())));
            if (!fanOut.isUniform() && backend.refusal(count).isEmpty()) {
                counts.add(count);
            }
        }
        addTogether(counts, Reason.of("measured accumulates for the accounting"), calls);
    }

    private void equilibrium(BatchShape shape, List<KernelCall> calls) {
        int width = config.hiddenSize();
        calls.add(new KernelCall.RateEncode(width, neuron(Population.EMBEDDING), choice("one pass: rates do not depend on time")));
        for (int layer = 0; layer < config.hiddenLayers(); layer++) {
            for (Projection projection : List.of(Projection.QUERY, Projection.KEY, Projection.VALUE)) {
                calls.add(rateMatmul(layer, projection, shape));
            }
            calls.add(new KernelCall.RateAttention(layer, config.layers().get(layer).heads(),
                    neuron(new Population(layer, Population.Kind.CONTEXT)), choice("real keys and values")));
            for (Projection projection : List.of(Projection.ATTENTION_OUTPUT, Projection.INTERMEDIATE, Projection.OUTPUT)) {
                calls.add(rateMatmul(layer, projection, shape));
            }
        }
        Population last = Population.inputOf(config.hiddenLayers());
        calls.add(new KernelCall.ClassifierHead(last, width, config.labels().size(), Optional.empty(), choice("one row a sequence")));
    }

    private KernelCall rateMatmul(int layer, Projection projection, BatchShape shape) {
        LayerWeights layerWeights = weights.layers().get(layer);
        LinearWeights linear = projection.weights(layerWeights);
        int tile = costs.tileRows(projection.epilogue(), shape.rows(), 1, linear.outputs(), backend.threads());
        KernelChoice choice = new KernelChoice(backend.variant(), tile, "dense float32 product");
        return new KernelCall.RateMatmul(layer, projection, linear.inputs(), linear.outputs(), neuron(layer, projection), choice);
    }

    private KernelCall count(Population population, int width, int timesteps) {
        return new KernelCall.SpikeCount(population, width, timesteps, choice("measured spikes for the accounting"));
    }

    private KernelChoice choice(String reason) {
        return new KernelChoice(backend.variant(), 0, reason);
    }
}
