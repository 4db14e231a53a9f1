package io.leanspike.backend.cpu;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.Epilogue;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Population;
import io.leanspike.backend.SynapsePlanes;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.cpu.bindings.*;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A forward pass through the native kernels: fills the argument structures and hands out buffers; all arithmetic is native. */
final class CpuRun implements BatchRun {
    /** Of the structures of one call; a launch of several products has that many. */
    private static final long ARGUMENT_BYTES = 16 << 10;
    private static final List<String> OUTPUT_SLOTS = List.of("OUTPUT 0", "OUTPUT 1");

    private final CpuModel model;
    private final Workspace workspace;
    private final Retention retention;
    private final int rows;
    private final int sequences;
    private final MemorySegment wordIds;
    private final MemorySegment positionIds;
    private final MemorySegment typeIds;
    private final MemorySegment live;
    private final MemorySegment rowOffsets;
    private final Map<Population, SpikeTensor> spikes = new HashMap<>();
    private final Map<Population, MemorySegment> rates = new HashMap<>();
    private final Map<Integer, MemorySegment> queries = new HashMap<>();
    private final Map<Population, long[]> totals = new HashMap<>();
    private final Map<Population, long[]> synapseTotals = new HashMap<>();
    private final Map<Population, int[]> unitCounts = new HashMap<>();
    private final Map<Population, MemorySegment> currents = new HashMap<>();
    private Optional<double[][]> logits = Optional.empty();
    private boolean open = true;

    CpuRun(CpuModel model, Workspace workspace, TokenBatch batch, Retention retention) {
        this.model = model;
        this.workspace = workspace;
        this.retention = retention;
        rows = batch.rows();
        sequences = batch.sequences();
        wordIds = ints("word ids", batch.wordIds());
        positionIds = ints("position ids", batch.positionIds());
        typeIds = ints("type ids", batch.typeIds());
        rowOffsets = ints("row offsets", batch.rowOffsets());
        live = workspace.buffer("live", rows);
        MemorySegment.copy(batch.live(), 0, live, ValueLayout.JAVA_BYTE, 0, rows);
    }

    private MemorySegment ints(String name, int[] values) {
        MemorySegment buffer = workspace.buffer(name, (long) values.length * Integer.BYTES);
        MemorySegment.copy(values, 0, buffer, ValueLayout.JAVA_INT, 0, values.length);
        return buffer;
    }

    @Override
    public void execute(List<KernelCall> calls) {
        requireOpen();
        for (KernelCall call : calls) {
            SegmentAllocator arguments = arguments();
            switch (call) {
                case KernelCall.Fused fused -> fused(fused, arguments);
                case KernelCall.SpikeEncode encode -> spikeEncode(encode, arguments);
                case KernelCall.SpikeMatmul matmul -> spikeMatmul(matmul, arguments);
                case KernelCall.SpikeRetime retime -> spikeRetime(retime, arguments);
                case KernelCall.SpikingAttention attention -> spikingAttention(attention, arguments);
                case KernelCall.SpikeCount count -> spikeCount(count, arguments);
                case KernelCall.UnitCount count -> unitCount(count, arguments);
                case KernelCall.SynapseCount count -> synapseCount(count, arguments);
                case KernelCall.MembraneUpdate update -> membraneUpdate(update, arguments);
                case KernelCall.ClassifierHead head -> classifierHead(head, arguments);
                case KernelCall.RateEncode encode -> rateEncode(encode, arguments);
                case KernelCall.RateMatmul matmul -> rateMatmul(matmul, arguments);
                case KernelCall.RateAttention attention -> rateAttention(attention, arguments);
            }
        }
    }

    /** Zeroed memory for the structures of one call, in place of the call's before. */
    private SegmentAllocator arguments() {
        SegmentAllocator block = SegmentAllocator.slicingAllocator(workspace.buffer("arguments", ARGUMENT_BYTES));
        return (bytes, alignment) -> block.allocate(bytes, alignment).fill((byte) 0);
    }

    private void spikeEncode(KernelCall.SpikeEncode call, SegmentAllocator arguments) {
        requireSame("width", call.width(), model.hiddenSize());
        CpuModel.Embeddings tables = model.embeddings();
        MemorySegment args = leanspike_spike_encode_args.allocate(arguments);
        leanspike_spike_encode_args.word(args, tables.word());
        leanspike_spike_encode_args.position(args, tables.position());
        leanspike_spike_encode_args.type(args, tables.tokenType());
        setNorm(leanspike_spike_encode_args.norm(args), tables.norm());
        setNeuron(leanspike_spike_encode_args.neuron(args), call.neuron());
        leanspike_spike_encode_args.word_ids(args, wordIds);
        leanspike_spike_encode_args.position_ids(args, positionIds);
        leanspike_spike_encode_args.type_ids(args, typeIds);
        leanspike_spike_encode_args.rows(args, rows);
        leanspike_spike_encode_args.timesteps(args, call.timesteps());
        leanspike_spike_encode_args.spikes(args, output(Population.EMBEDDING, call.timesteps(), call.width()).words());
        Status.check(LeanSpikeNative.leanspike_spike_encode(model.context(), args));
    }

    private void spikeMatmul(KernelCall.SpikeMatmul call, SegmentAllocator arguments) {
        MemorySegment args = leanspike_spike_matmul_args.allocate(arguments);
        set(args, call);
        Status.check(LeanSpikeNative.leanspike_spike_matmul(model.context(), args));
    }

    /** Products that share their operand, as one launch. */
    private void fused(KernelCall.Fused call, SegmentAllocator arguments) {
        int count = call.parts().size();
        MemorySegment args = leanspike_spike_matmul_args.allocateArray(count, arguments);
        for (int i = 0; i < count; i++) {
            set(leanspike_spike_matmul_args.asSlice(args, i), (KernelCall.SpikeMatmul) call.parts().get(i));
        }
        Status.check(LeanSpikeNative.leanspike_spike_matmul_fused(model.context(), args, count));
    }

    private void set(MemorySegment args, KernelCall.SpikeMatmul call) {
        CpuModel.Product product = model.product(call.layer(), call.projection(), CpuMatmul.parse(call.choice().variant()));
        requireSame("inputs", call.inputs(), product.linear().inputs());
        requireSame("outputs", call.outputs(), product.linear().outputs());
        leanspike_spike_matmul_args.input(args, operand(call.input(), call.timesteps(), call.inputs()));
        leanspike_spike_matmul_args.weights(args, product.linear().code());
        leanspike_spike_matmul_args.packed(args, product.linear().packed());
        leanspike_spike_matmul_args.scale(args, product.linear().scale());
        leanspike_spike_matmul_args.bias(args, product.linear().bias());
        call.residual().ifPresent(
                population -> leanspike_spike_matmul_args.residual(args, operand(population, call.timesteps(), call.outputs())));
        product.norm().ifPresent(norm -> setNorm(leanspike_spike_matmul_args.norm(args), norm));
        setNeuron(leanspike_spike_matmul_args.neuron(args), call.neuron());
        leanspike_spike_matmul_args.rows(args, rows);
        leanspike_spike_matmul_args.inputs(args, call.inputs());
        leanspike_spike_matmul_args.outputs(args, call.outputs());
        leanspike_spike_matmul_args.timesteps(args, call.timesteps());
        leanspike_spike_matmul_args.epilogue(args, code(call.projection().epilogue()));
        leanspike_spike_matmul_args.tile_rows(args, call.choice().tileRows());
        Optional<Population> target = call.projection().output(call.layer());
        if (target.isPresent()) {
            leanspike_spike_matmul_args.spikes(args, output(target.get(), call.timesteps(), call.outputs()).words());
        } else {
            leanspike_spike_matmul_args.real(args, query(call.layer(), (long) rows * call.timesteps() * call.outputs()));
        }
    }

    private void spikeRetime(KernelCall.SpikeRetime call, SegmentAllocator arguments) {
        MemorySegment args = leanspike_spike_retime_args.allocate(arguments);
        leanspike_spike_retime_args.input(args, operand(call.from(), call.fromTimesteps(), call.width()));
        leanspike_spike_retime_args.rows(args, rows);
        leanspike_spike_retime_args.width(args, call.width());
        leanspike_spike_retime_args.from_timesteps(args, call.fromTimesteps());
        leanspike_spike_retime_args.timesteps(args, call.timesteps());
        leanspike_spike_retime_args.spikes(args,
                output(new Population(call.layer(), Population.Kind.INPUT), call.timesteps(), call.width()).words());
        Status.check(LeanSpikeNative.leanspike_spike_retime(model.context(), args));
    }

    private void spikingAttention(KernelCall.SpikingAttention call, SegmentAllocator arguments) {
        MemorySegment args = leanspike_spiking_attention_args.allocate(arguments);
        int keyWidth = call.heads().keyWidth();
        int valueWidth = call.heads().valueWidth();
        leanspike_spiking_attention_args.query(args, queryOperand(call.layer(), (long) rows * call.timesteps() * keyWidth));
        leanspike_spiking_attention_args.key(args,
                operand(new Population(call.layer(), Population.Kind.KEY), call.timesteps(), keyWidth));
        leanspike_spiking_attention_args.value(args,
                operand(new Population(call.layer(), Population.Kind.VALUE), call.timesteps(), valueWidth));
        leanspike_spiking_attention_args.key_offsets(args, ints("key offsets", call.heads().keyOffsets()));
        leanspike_spiking_attention_args.value_offsets(args, ints("value offsets", call.heads().valueOffsets()));
        leanspike_spiking_attention_args.row_offsets(args, rowOffsets);
        leanspike_spiking_attention_args.live(args, live);
        setNeuron(leanspike_spiking_attention_args.neuron(args), call.neuron());
        leanspike_spiking_attention_args.rows(args, rows);
        leanspike_spiking_attention_args.sequences(args, sequences);
        leanspike_spiking_attention_args.heads(args, call.heads().count());
        leanspike_spiking_attention_args.timesteps(args, call.timesteps());
        leanspike_spiking_attention_args.scale(args, (float) call.heads().scale());
        leanspike_spiking_attention_args.spikes(args,
                output(new Population(call.layer(), Population.Kind.CONTEXT), call.timesteps(), valueWidth).words());
        Status.check(LeanSpikeNative.leanspike_spiking_attention(model.context(), args));
    }

    private void spikeCount(KernelCall.SpikeCount call, SegmentAllocator arguments) {
        MemorySegment sums = workspace.buffer("sums", (long) sequences * Long.BYTES);
        MemorySegment args = counted(call.population(), call.timesteps(), call.width(), arguments);
        leanspike_spike_count_args.sequences(args, sequences);
        leanspike_spike_count_args.row_offsets(args, rowOffsets);
        leanspike_spike_count_args.totals(args, sums);
        Status.check(LeanSpikeNative.leanspike_spike_count(model.context(), args));
        totals.put(call.population(), sums.toArray(ValueLayout.JAVA_LONG));
    }

    private void unitCount(KernelCall.UnitCount call, SegmentAllocator arguments) {
        MemorySegment counts = workspace.buffer("unit counts", (long) rows * call.width() * Integer.BYTES);
        MemorySegment args = counted(call.population(), call.timesteps(), call.width(), arguments);
        leanspike_spike_count_args.counts(args, counts);
        Status.check(LeanSpikeNative.leanspike_spike_count(model.context(), args));
        unitCounts.put(call.population(), counts.toArray(ValueLayout.JAVA_INT));
    }

    private void synapseCount(KernelCall.SynapseCount call, SegmentAllocator arguments) {
        Synapses synapses = model.synapses(call.layer(), call.readers());
        SynapsePlanes planes = synapses.planes();
        requireSame("width", call.width(), planes.width());
        MemorySegment sums = workspace.buffer("sums", (long) sequences * Long.BYTES);
        MemorySegment args = leanspike_synapse_count_args.allocate(arguments);
        leanspike_synapse_count_args.spikes(args, operand(call.population(), call.timesteps(), call.width()));
        leanspike_synapse_count_args.planes(args, synapses.words());
        leanspike_synapse_count_args.row_offsets(args, rowOffsets);
        leanspike_synapse_count_args.least(args, planes.least());
        leanspike_synapse_count_args.rows(args, rows);
        leanspike_synapse_count_args.width(args, call.width());
        leanspike_synapse_count_args.timesteps(args, call.timesteps());
        leanspike_synapse_count_args.sequences(args, sequences);
        leanspike_synapse_count_args.plane_count(args, planes.count());
        leanspike_synapse_count_args.totals(args, sums);
        Status.check(LeanSpikeNative.leanspike_synapse_count(model.context(), args));
        synapseTotals.put(call.population(), sums.toArray(ValueLayout.JAVA_LONG));
    }

    private MemorySegment counted(Population population, int timesteps, int width, SegmentAllocator arguments) {
        MemorySegment args = leanspike_spike_count_args.allocate(arguments);
        leanspike_spike_count_args.spikes(args, operand(population, timesteps, width));
        leanspike_spike_count_args.rows(args, rows);
        leanspike_spike_count_args.width(args, width);
        leanspike_spike_count_args.timesteps(args, timesteps);
        return args;
    }

    private void membraneUpdate(KernelCall.MembraneUpdate call, SegmentAllocator arguments) {
        MemorySegment current = made(currents.get(call.population()), "the current of " + call.population());
        requireSame("elements", rows * call.timesteps() * call.width(), (int) (current.byteSize() / Float.BYTES));
        MemorySegment args = leanspike_membrane_update_args.allocate(arguments);
        leanspike_membrane_update_args.current(args, current);
        setNeuron(leanspike_membrane_update_args.neuron(args), call.neuron());
        leanspike_membrane_update_args.rows(args, rows);
        leanspike_membrane_update_args.width(args, call.width());
        leanspike_membrane_update_args.timesteps(args, call.timesteps());
        leanspike_membrane_update_args.spikes(args, output(call.population(), call.timesteps(), call.width()).words());
        Status.check(LeanSpikeNative.leanspike_membrane_update(model.context(), args));
    }

    private void classifierHead(KernelCall.ClassifierHead call, SegmentAllocator arguments) {
        requireSame("width", call.width(), model.hiddenSize());
        requireSame("labels", call.labels(), model.labels());
        MemorySegment out = workspace.buffer("logits", (long) sequences * call.labels() * Double.BYTES);
        MemorySegment args = leanspike_classifier_head_args.allocate(arguments);
        if (call.timesteps().isPresent()) {
            leanspike_classifier_head_args.spikes(args, operand(call.input(), call.timesteps().get(), call.width()));
            leanspike_classifier_head_args.timesteps(args, call.timesteps().get());
        } else {
            leanspike_classifier_head_args.rates(args, rateOperand(call.input(), call.width()));
        }
        leanspike_classifier_head_args.row_offsets(args, rowOffsets);
        leanspike_classifier_head_args.weight(args, model.classifierWeight());
        leanspike_classifier_head_args.bias(args, model.classifierBias());
        leanspike_classifier_head_args.width(args, call.width());
        leanspike_classifier_head_args.sequences(args, sequences);
        leanspike_classifier_head_args.labels(args, call.labels());
        leanspike_classifier_head_args.logits(args, out);
        Status.check(LeanSpikeNative.leanspike_classifier_head(model.context(), args));
        double[][] values = new double[sequences][];
        for (int b = 0; b < sequences; b++) {
            values[b] = out.asSlice((long) b * call.labels() * Double.BYTES, (long) call.labels() * Double.BYTES)
                    .toArray(ValueLayout.JAVA_DOUBLE);
        }
        logits = Optional.of(values);
    }

    private void rateEncode(KernelCall.RateEncode call, SegmentAllocator arguments) {
        requireSame("width", call.width(), model.hiddenSize());
        CpuModel.Embeddings tables = model.embeddings();
        MemorySegment args = leanspike_rate_encode_args.allocate(arguments);
        leanspike_rate_encode_args.word(args, tables.word());
        leanspike_rate_encode_args.position(args, tables.position());
        leanspike_rate_encode_args.type(args, tables.tokenType());
        setNorm(leanspike_rate_encode_args.norm(args), tables.norm());
        setNeuron(leanspike_rate_encode_args.neuron(args), call.neuron());
        leanspike_rate_encode_args.word_ids(args, wordIds);
        leanspike_rate_encode_args.position_ids(args, positionIds);
        leanspike_rate_encode_args.type_ids(args, typeIds);
        leanspike_rate_encode_args.rows(args, rows);
        leanspike_rate_encode_args.rates(args, rateOutput(Population.EMBEDDING, call.width()));
        Status.check(LeanSpikeNative.leanspike_rate_encode(model.context(), args));
    }

    private void rateMatmul(KernelCall.RateMatmul call, SegmentAllocator arguments) {
        CpuModel.Product product = model.product(call.layer(), call.projection(), CpuMatmul.FLOATS);
        requireSame("inputs", call.inputs(), product.linear().inputs());
        requireSame("outputs", call.outputs(), product.linear().outputs());
        MemorySegment args = leanspike_rate_matmul_args.allocate(arguments);
        leanspike_rate_matmul_args.input(args, rateOperand(call.projection().input(call.layer()), call.inputs()));
        leanspike_rate_matmul_args.packed(args, product.linear().packed());
        leanspike_rate_matmul_args.bias(args, product.linear().bias());
        call.projection().residual(call.layer()).ifPresent(
                population -> leanspike_rate_matmul_args.residual(args, rateOperand(population, call.outputs())));
        product.norm().ifPresent(norm -> setNorm(leanspike_rate_matmul_args.norm(args), norm));
        setNeuron(leanspike_rate_matmul_args.neuron(args), call.neuron());
        leanspike_rate_matmul_args.rows(args, rows);
        leanspike_rate_matmul_args.inputs(args, call.inputs());
        leanspike_rate_matmul_args.outputs(args, call.outputs());
        leanspike_rate_matmul_args.epilogue(args, code(call.projection().epilogue()));
        leanspike_rate_matmul_args.tile_rows(args, call.choice().tileRows());
        leanspike_rate_matmul_args.output(args, call.projection().output(call.layer())
                .map(population -> rateOutput(population, call.outputs()))
                .orElseGet(() -> query(call.layer(), (long) rows * call.outputs())));
        Status.check(LeanSpikeNative.leanspike_rate_matmul(model.context(), args));
    }

    private void rateAttention(KernelCall.RateAttention call, SegmentAllocator arguments) {
        MemorySegment args = leanspike_rate_attention_args.allocate(arguments);
        int keyWidth = call.heads().keyWidth();
        int valueWidth = call.heads().valueWidth();
        leanspike_rate_attention_args.query(args, queryOperand(call.layer(), (long) rows * keyWidth));
        leanspike_rate_attention_args.key(args, rateOperand(new Population(call.layer(), Population.Kind.KEY), keyWidth));
        leanspike_rate_attention_args.value(args, rateOperand(new Population(call.layer(), Population.Kind.VALUE), valueWidth));
        leanspike_rate_attention_args.key_offsets(args, ints("key offsets", call.heads().keyOffsets()));
        leanspike_rate_attention_args.value_offsets(args, ints("value offsets", call.heads().valueOffsets()));
        leanspike_rate_attention_args.row_offsets(args, rowOffsets);
        leanspike_rate_attention_args.live(args, live);
        setNeuron(leanspike_rate_attention_args.neuron(args), call.neuron());
        leanspike_rate_attention_args.rows(args, rows);
        leanspike_rate_attention_args.sequences(args, sequences);
        leanspike_rate_attention_args.heads(args, call.heads().count());
        leanspike_rate_attention_args.scale(args, (float) call.heads().scale());
        leanspike_rate_attention_args.rates(args, rateOutput(new Population(call.layer(), Population.Kind.CONTEXT), valueWidth));
        Status.check(LeanSpikeNative.leanspike_rate_attention(model.context(), args));
    }

    /** The words of a population's spikes, which must have the shape that the call reads: kernels trust the sizes they are told. */
    private MemorySegment operand(Population population, int timesteps, int width) {
        SpikeTensor tensor = spikes(population);
        if (tensor.rows() != rows || tensor.timesteps() != timesteps || tensor.width() != width) {
            throw new IllegalArgumentException("%s has %d rows, %d timesteps and width %d, but the call reads %d, %d and %d".formatted(
                    population, tensor.rows(), tensor.timesteps(), tensor.width(), rows, timesteps, width));
        }
        return tensor.words();
    }

    private MemorySegment rateOperand(Population population, int width) {
        MemorySegment values = madeRates(population);
        requireSame("width of " + population, (int) (values.byteSize() / Float.BYTES / rows), width);
        return values;
    }

    private MemorySegment queryOperand(int layer, long elements) {
        MemorySegment values = made(queries.get(layer), "the query");
        if (values.byteSize() != elements * Float.BYTES) {
            throw new IllegalArgumentException("the query of layer %d has %d elements, but the call reads %d"
                    .formatted(layer, values.byteSize() / Float.BYTES, elements));
        }
        return values;
    }

    private static void requireSame(String what, int given, int needed) {
        if (given != needed) {
            throw new IllegalArgumentException("the call's %s is %d, but the model's is %d".formatted(what, given, needed));
        }
    }

    private static int code(Epilogue epilogue) {
        return switch (epilogue) {
            case REAL -> LeanSpikeNative.LEANSPIKE_EPILOGUE_REAL();
            case MEMBRANE -> LeanSpikeNative.LEANSPIKE_EPILOGUE_MEMBRANE();
            case NORM_MEMBRANE -> LeanSpikeNative.LEANSPIKE_EPILOGUE_NORM_MEMBRANE();
            case GELU_MEMBRANE -> LeanSpikeNative.LEANSPIKE_EPILOGUE_GELU_MEMBRANE();
        };
    }

    private static void setNorm(MemorySegment out, CpuModel.Norm norm) {
        leanspike_layer_norm.weight(out, norm.weight());
        leanspike_layer_norm.bias(out, norm.bias());
        leanspike_layer_norm.eps(out, norm.eps());
    }

    private static void setNeuron(MemorySegment out, Neuron neuron) {
        leanspike_neuron.threshold(out, (float) neuron.threshold());
        leanspike_neuron.leak(out, (float) neuron.leak());
        leanspike_neuron.initial_potential(out, (float) neuron.initialPotential());
        leanspike_neuron.reset(out, switch (neuron.reset()) {
            case SOFT -> LeanSpikeNative.LEANSPIKE_RESET_SOFT();
            case HARD -> LeanSpikeNative.LEANSPIKE_RESET_HARD();
        });
    }

    /**
     * The buffer a population lives in. Without retention a layer's populations reuse the previous layer's memory; its input (the
     * previous output) is still read while its own output is written, so outputs of even and odd layers take turns.
     */
    private String slot(Population population) {
        if (retention == Retention.POPULATIONS) {
            return population.toString();
        }
        return population.kind() == Population.Kind.OUTPUT ? OUTPUT_SLOTS.get(population.layer() % 2) : population.kind().toString();
    }

    private SpikeTensor output(Population population, int timesteps, int width) {
        MemorySegment words = workspace.buffer(slot(population), SpikeTensor.bytes(rows, timesteps, width));
        SpikeTensor tensor = new SpikeTensor(words, rows, timesteps, width);
        spikes.put(population, tensor);
        return tensor;
    }

    private MemorySegment rateOutput(Population population, int width) {
        MemorySegment buffer = workspace.buffer("rates of " + slot(population), (long) rows * width * Float.BYTES);
        rates.put(population, buffer);
        return buffer;
    }

    private MemorySegment query(int layer, long elements) {
        String name = retention == Retention.POPULATIONS ? "query " + layer : "query";
        MemorySegment buffer = workspace.buffer(name, elements * Float.BYTES);
        queries.put(layer, buffer);
        return buffer;
    }

    @Override
    public void write(Population population, SpikeTensor source) {
        requireOpen();
        output(population, source.timesteps(), source.width()).words().copyFrom(source.words());
    }

    @Override
    public void writeQuery(int layer, int timesteps, float[] query) {
        requireOpen();
        query(layer, query.length).copyFrom(MemorySegment.ofArray(query));
    }

    @Override
    public void writeCurrent(Population population, int timesteps, float[] current) {
        requireOpen();
        MemorySegment buffer = workspace.buffer("current of " + slot(population), (long) current.length * Float.BYTES);
        currents.put(population, buffer.copyFrom(MemorySegment.ofArray(current)));
    }

    @Override
    public void writeRates(Population population, float[] values) {
        requireOpen();
        rateOutput(population, values.length / rows).copyFrom(MemorySegment.ofArray(values));
    }

    @Override
    public SpikeTensor spikes(Population population) {
        requireOpen();
        return made(spikes.get(population), population);
    }

    private MemorySegment madeRates(Population population) {
        return made(rates.get(population), population);
    }

    @Override
    public double[] rates(Population population) {
        requireOpen();
        return widen(madeRates(population));
    }

    @Override
    public double[] query(int layer) {
        requireOpen();
        return widen(made(queries.get(layer), "the query"));
    }

    @Override
    public long[] spikeTotals(Population population) {
        return made(totals.get(population), population);
    }

    @Override
    public long[] synapseTotals(Population population) {
        return made(synapseTotals.get(population), KernelCall.SynapseCount.output(population));
    }

    @Override
    public int[] unitCounts(Population population) {
        return made(unitCounts.get(population), population + " units");
    }

    @Override
    public double[][] logits() {
        return logits.orElseThrow(() -> new IllegalStateException("no call has made logits"));
    }

    private static double[] widen(MemorySegment floats) {
        double[] values = new double[(int) (floats.byteSize() / Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return values;
    }

    private static <T> T made(T value, Object name) {
        return Optional.ofNullable(value).orElseThrow(() -> new IllegalStateException("no call has made " + name));
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the run is closed");
        }
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            model.giveBack(workspace);
        }
    }
}
