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

    private final CpuModel model;
    private final Workspace workspace;
    private final RunBuffers buffers;
    private final Map<Population, long[]> totals = new HashMap<>();
    private final Map<Population, long[]> synapseTotals = new HashMap<>();
    private final Map<Population, int[]> unitCounts = new HashMap<>();
    private Optional<double[][]> logits = Optional.empty();
    private boolean open = true;

    CpuRun(CpuModel model, Workspace workspace, TokenBatch batch, Retention retention) {
        this.model = model;
        this.workspace = workspace;
        buffers = new RunBuffers(workspace, batch, retention);
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
        SegmentAllocator block = SegmentAllocator.slicingAllocator(buffers.scratch("arguments", ARGUMENT_BYTES));
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
        leanspike_spike_encode_args.word_ids(args, buffers.wordIds());
        leanspike_spike_encode_args.position_ids(args, buffers.positionIds());
        leanspike_spike_encode_args.type_ids(args, buffers.typeIds());
        leanspike_spike_encode_args.rows(args, buffers.rows());
        leanspike_spike_encode_args.timesteps(args, call.timesteps());
        leanspike_spike_encode_args.spikes(args, buffers.makeSpikes(Population.EMBEDDING, call.timesteps(), call.width()));
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
        leanspike_spike_matmul_args.input(args, buffers.spikes(call.input(), call.timesteps(), call.inputs()));
        leanspike_spike_matmul_args.weights(args, product.linear().code());
        leanspike_spike_matmul_args.packed(args, product.linear().packed());
        leanspike_spike_matmul_args.scale(args, product.linear().scale());
        leanspike_spike_matmul_args.bias(args, product.linear().bias());
        call.residual().ifPresent(
                population -> leanspike_spike_matmul_args.residual(args, buffers.spikes(population, call.timesteps(), call.outputs())));
        product.norm().ifPresent(norm -> setNorm(leanspike_spike_matmul_args.norm(args), norm));
        setNeuron(leanspike_spike_matmul_args.neuron(args), call.neuron());
        leanspike_spike_matmul_args.rows(args, buffers.rows());
        leanspike_spike_matmul_args.inputs(args, call.inputs());
        leanspike_spike_matmul_args.outputs(args, call.outputs());
        leanspike_spike_matmul_args.timesteps(args, call.timesteps());
        leanspike_spike_matmul_args.epilogue(args, code(call.projection().epilogue()));
        leanspike_spike_matmul_args.tile_rows(args, call.choice().tileRows());
        Optional<Population> target = call.projection().output(call.layer());
        if (target.isPresent()) {
            leanspike_spike_matmul_args.spikes(args, buffers.makeSpikes(target.get(), call.timesteps(), call.outputs()));
        } else {
            leanspike_spike_matmul_args.real(args,
                    buffers.makeQuery(call.layer(), (long) buffers.rows() * call.timesteps() * call.outputs()));
        }
    }

    private void spikeRetime(KernelCall.SpikeRetime call, SegmentAllocator arguments) {
        MemorySegment args = leanspike_spike_retime_args.allocate(arguments);
        leanspike_spike_retime_args.input(args, buffers.spikes(call.from(), call.fromTimesteps(), call.width()));
        leanspike_spike_retime_args.rows(args, buffers.rows());
        leanspike_spike_retime_args.width(args, call.width());
        leanspike_spike_retime_args.from_timesteps(args, call.fromTimesteps());
        leanspike_spike_retime_args.timesteps(args, call.timesteps());
        leanspike_spike_retime_args.spikes(args,
                buffers.makeSpikes(new Population(call.layer(), Population.Kind.INPUT), call.timesteps(), call.width()));
        Status.check(LeanSpikeNative.leanspike_spike_retime(model.context(), args));
    }

    private void spikingAttention(KernelCall.SpikingAttention call, SegmentAllocator arguments) {
        MemorySegment args = leanspike_spiking_attention_args.allocate(arguments);
        int keyWidth = call.heads().keyWidth();
        int valueWidth = call.heads().valueWidth();
        leanspike_spiking_attention_args.query(args, buffers.query(call.layer(), (long) buffers.rows() * call.timesteps() * keyWidth));
        leanspike_spiking_attention_args.key(args,
                buffers.spikes(new Population(call.layer(), Population.Kind.KEY), call.timesteps(), keyWidth));
        leanspike_spiking_attention_args.value(args,
                buffers.spikes(new Population(call.layer(), Population.Kind.VALUE), call.timesteps(), valueWidth));
        leanspike_spiking_attention_args.key_offsets(args, buffers.ints("key offsets", call.heads().keyOffsets()));
        leanspike_spiking_attention_args.value_offsets(args, buffers.ints("value offsets", call.heads().valueOffsets()));
        leanspike_spiking_attention_args.row_offsets(args, buffers.rowOffsets());
        leanspike_spiking_attention_args.live(args, buffers.live());
        setNeuron(leanspike_spiking_attention_args.neuron(args), call.neuron());
        leanspike_spiking_attention_args.rows(args, buffers.rows());
        leanspike_spiking_attention_args.sequences(args, buffers.sequences());
        leanspike_spiking_attention_args.heads(args, call.heads().count());
        leanspike_spiking_attention_args.timesteps(args, call.timesteps());
        leanspike_spiking_attention_args.scale(args, (float) call.heads().scale());
        leanspike_spiking_attention_args.spikes(args,
                buffers.makeSpikes(new Population(call.layer(), Population.Kind.CONTEXT), call.timesteps(), valueWidth));
        Status.check(LeanSpikeNative.leanspike_spiking_attention(model.context(), args));
    }

    private void spikeCount(KernelCall.SpikeCount call, SegmentAllocator arguments) {
        MemorySegment sums = buffers.scratch("sums", (long) buffers.sequences() * Long.BYTES);
        MemorySegment args = counted(call.population(), call.timesteps(), call.width(), arguments);
        leanspike_spike_count_args.sequences(args, buffers.sequences());
        leanspike_spike_count_args.row_offsets(args, buffers.rowOffsets());
        leanspike_spike_count_args.totals(args, sums);
        Status.check(LeanSpikeNative.leanspike_spike_count(model.context(), args));
        totals.put(call.population(), sums.toArray(ValueLayout.JAVA_LONG));
    }

    private void unitCount(KernelCall.UnitCount call, SegmentAllocator arguments) {
        MemorySegment counts = buffers.scratch("unit counts", (long) buffers.rows() * call.width() * Integer.BYTES);
        MemorySegment args = counted(call.population(), call.timesteps(), call.width(), arguments);
        leanspike_spike_count_args.counts(args, counts);
        Status.check(LeanSpikeNative.leanspike_spike_count(model.context(), args));
        unitCounts.put(call.population(), counts.toArray(ValueLayout.JAVA_INT));
    }

    private void synapseCount(KernelCall.SynapseCount call, SegmentAllocator arguments) {
        Synapses synapses = model.synapses(call.layer(), call.readers());
        SynapsePlanes planes = synapses.planes();
        requireSame("width", call.width(), planes.width());
        MemorySegment sums = buffers.scratch("sums", (long) buffers.sequences() * Long.BYTES);
        MemorySegment args = leanspike_synapse_count_args.allocate(arguments);
        leanspike_synapse_count_args.spikes(args, buffers.spikes(call.population(), call.timesteps(), call.width()));
        leanspike_synapse_count_args.planes(args, synapses.words());
        leanspike_synapse_count_args.row_offsets(args, buffers.rowOffsets());
        leanspike_synapse_count_args.least(args, planes.least());
        leanspike_synapse_count_args.rows(args, buffers.rows());
        leanspike_synapse_count_args.width(args, call.width());
        leanspike_synapse_count_args.timesteps(args, call.timesteps());
        leanspike_synapse_count_args.sequences(args, buffers.sequences());
        leanspike_synapse_count_args.plane_count(args, planes.count());
        leanspike_synapse_count_args.totals(args, sums);
        Status.check(LeanSpikeNative.leanspike_synapse_count(model.context(), args));
        synapseTotals.put(call.population(), sums.toArray(ValueLayout.JAVA_LONG));
    }

    private MemorySegment counted(Population population, int timesteps, int width, SegmentAllocator arguments) {
        MemorySegment args = leanspike_spike_count_args.allocate(arguments);
        leanspike_spike_count_args.spikes(args, buffers.spikes(population, timesteps, width));
        leanspike_spike_count_args.rows(args, buffers.rows());
        leanspike_spike_count_args.width(args, width);
        leanspike_spike_count_args.timesteps(args, timesteps);
        return args;
    }

    private void membraneUpdate(KernelCall.MembraneUpdate call, SegmentAllocator arguments) {
        MemorySegment args = leanspike_membrane_update_args.allocate(arguments);
        leanspike_membrane_update_args.current(args,
                buffers.current(call.population(), (long) buffers.rows() * call.timesteps() * call.width()));
        setNeuron(leanspike_membrane_update_args.neuron(args), call.neuron());
        leanspike_membrane_update_args.rows(args, buffers.rows());
        leanspike_membrane_update_args.width(args, call.width());
        leanspike_membrane_update_args.timesteps(args, call.timesteps());
        leanspike_membrane_update_args.spikes(args, buffers.makeSpikes(call.population(), call.timesteps(), call.width()));
        Status.check(LeanSpikeNative.leanspike_membrane_update(model.context(), args));
    }

    private void classifierHead(KernelCall.ClassifierHead call, SegmentAllocator arguments) {
        requireSame("width", call.width(), model.hiddenSize());
        requireSame("labels", call.labels(), model.labels());
        MemorySegment out = buffers.scratch("logits", (long) buffers.sequences() * call.labels() * Double.BYTES);
        MemorySegment args = leanspike_classifier_head_args.allocate(arguments);
        if (call.timesteps().isPresent()) {
            leanspike_classifier_head_args.spikes(args, buffers.spikes(call.input(), call.timesteps().get(), call.width()));
            leanspike_classifier_head_args.timesteps(args, call.timesteps().get());
        } else {
            leanspike_classifier_head_args.rates(args, buffers.rates(call.input(), call.width()));
        }
        leanspike_classifier_head_args.row_offsets(args, buffers.rowOffsets());
        leanspike_classifier_head_args.weight(args, model.classifierWeight());
        leanspike_classifier_head_args.bias(args, model.classifierBias());
        leanspike_classifier_head_args.width(args, call.width());
        leanspike_classifier_head_args.sequences(args, buffers.sequences());
        leanspike_classifier_head_args.labels(args, call.labels());
        leanspike_classifier_head_args.logits(args, out);
        Status.check(LeanSpikeNative.leanspike_classifier_head(model.context(), args));
        double[][] values = new double[buffers.sequences()][];
        for (int b = 0; b < buffers.sequences(); b++) {
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
        leanspike_rate_encode_args.word_ids(args, buffers.wordIds());
        leanspike_rate_encode_args.position_ids(args, buffers.positionIds());
        leanspike_rate_encode_args.type_ids(args, buffers.typeIds());
        leanspike_rate_encode_args.rows(args, buffers.rows());
        leanspike_rate_encode_args.rates(args, buffers.makeRates(Population.EMBEDDING, call.width()));
        Status.check(LeanSpikeNative.leanspike_rate_encode(model.context(), args));
    }

    private void rateMatmul(KernelCall.RateMatmul call, SegmentAllocator arguments) {
        CpuModel.Product product = model.product(call.layer(), call.projection(), CpuMatmul.FLOATS);
        requireSame("inputs", call.inputs(), product.linear().inputs());
        requireSame("outputs", call.outputs(), product.linear().outputs());
        MemorySegment args = leanspike_rate_matmul_args.allocate(arguments);
        leanspike_rate_matmul_args.input(args, buffers.rates(call.projection().input(call.layer()), call.inputs()));
        leanspike_rate_matmul_args.packed(args, product.linear().packed());
        leanspike_rate_matmul_args.bias(args, product.linear().bias());
        call.projection().residual(call.layer()).ifPresent(
                population -> leanspike_rate_matmul_args.residual(args, buffers.rates(population, call.outputs())));
        product.norm().ifPresent(norm -> setNorm(leanspike_rate_matmul_args.norm(args), norm));
        setNeuron(leanspike_rate_matmul_args.neuron(args), call.neuron());
        leanspike_rate_matmul_args.rows(args, buffers.rows());
        leanspike_rate_matmul_args.inputs(args, call.inputs());
        leanspike_rate_matmul_args.outputs(args, call.outputs());
        leanspike_rate_matmul_args.epilogue(args, code(call.projection().epilogue()));
        leanspike_rate_matmul_args.tile_rows(args, call.choice().tileRows());
        leanspike_rate_matmul_args.output(args, call.projection().output(call.layer())
                .map(population -> buffers.makeRates(population, call.outputs()))
                .orElseGet(() -> buffers.makeQuery(call.layer(), (long) buffers.rows() * call.outputs())));
        Status.check(LeanSpikeNative.leanspike_rate_matmul(model.context(), args));
    }

    private void rateAttention(KernelCall.RateAttention call, SegmentAllocator arguments) {
        MemorySegment args = leanspike_rate_attention_args.allocate(arguments);
        int keyWidth = call.heads().keyWidth();
        int valueWidth = call.heads().valueWidth();
        leanspike_rate_attention_args.query(args, buffers.query(call.layer(), (long) buffers.rows() * keyWidth));
        leanspike_rate_attention_args.key(args, buffers.rates(new Population(call.layer(), Population.Kind.KEY), keyWidth));
        leanspike_rate_attention_args.value(args, buffers.rates(new Population(call.layer(), Population.Kind.VALUE), valueWidth));
        leanspike_rate_attention_args.key_offsets(args, buffers.ints("key offsets", call.heads().keyOffsets()));
        leanspike_rate_attention_args.value_offsets(args, buffers.ints("value offsets", call.heads().valueOffsets()));
        leanspike_rate_attention_args.row_offsets(args, buffers.rowOffsets());
        leanspike_rate_attention_args.live(args, buffers.live());
        setNeuron(leanspike_rate_attention_args.neuron(args), call.neuron());
        leanspike_rate_attention_args.rows(args, buffers.rows());
        leanspike_rate_attention_args.sequences(args, buffers.sequences());
        leanspike_rate_attention_args.heads(args, call.heads().count());
        leanspike_rate_attention_args.scale(args, (float) call.heads().scale());
        leanspike_rate_attention_args.rates(args, buffers.makeRates(new Population(call.layer(), Population.Kind.CONTEXT), valueWidth));
        Status.check(LeanSpikeNative.leanspike_rate_attention(model.context(), args));
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

    @Override
    public void write(Population population, SpikeTensor source) {
        requireOpen();
        if (source.rows() != buffers.rows()) {
            throw new IllegalArgumentException("spikes of %d rows for a batch of %d".formatted(source.rows(), buffers.rows()));
        }
        buffers.makeSpikes(population, source.timesteps(), source.width()).copyFrom(source.words());
    }

    @Override
    public void writeQuery(int layer, int timesteps, float[] query) {
        requireOpen();
        buffers.makeQuery(layer, query.length).copyFrom(MemorySegment.ofArray(query));
    }

    @Override
    public void writeCurrent(Population population, int timesteps, float[] current) {
        requireOpen();
        buffers.makeCurrent(population, current.length).copyFrom(MemorySegment.ofArray(current));
    }

    @Override
    public void writeRates(Population population, float[] values) {
        requireOpen();
        buffers.makeRates(population, values.length / buffers.rows()).copyFrom(MemorySegment.ofArray(values));
    }

    @Override
    public SpikeTensor spikes(Population population) {
        requireOpen();
        return buffers.madeSpikes(population);
    }

    @Override
    public double[] rates(Population population) {
        requireOpen();
        return widen(buffers.madeRates(population));
    }

    @Override
    public double[] query(int layer) {
        requireOpen();
        return widen(buffers.madeQuery(layer));
    }

    @Override
    public long[] spikeTotals(Population population) {
        return RunBuffers.made(totals.get(population), population);
    }

    @Override
    public long[] synapseTotals(Population population) {
        return RunBuffers.made(synapseTotals.get(population), KernelCall.SynapseCount.output(population));
    }

    @Override
    public int[] unitCounts(Population population) {
        return RunBuffers.made(unitCounts.get(population), population + " units");
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
