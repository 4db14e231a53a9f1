package io.leanspike.backend.cuda;

import io.leanspike.backend.GpuAttention;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.model.AttentionHeads;
import io.leanspike.tensor.SpikeTensor;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUfunction;

/** Turns kernel calls into launches: entry, grid, shared memory and the argument structures of cuda-kernels, field by field. */
final class LaunchBuilder {
    /** Populations that one launch of spike_count_totals takes. */
    private static final int COUNTED_AT_ONCE = 8;
    /** Populations that one launch of synapse_count takes. */
    private static final int WEIGHED_AT_ONCE = 4;

    /** What {@link #fitOneLaunch} asks for. */
    static final String ONE_LAUNCH = "counts of spikes or of synapses share a launch, and up to %d products of one input without LayerNorm"
            .formatted(MatmulLaunch.SEGMENTS);

    private final DeviceModel model;
    private final RunBuffers buffers;
    private final BatchInputs inputs;
    private final List<Step> steps = new ArrayList<>();

    LaunchBuilder(DeviceModel model, RunBuffers buffers, BatchInputs inputs) {
        this.model = model;
        this.buffers = buffers;
        this.inputs = inputs;
    }

    List<Step> build(List<KernelCall> calls) {
        calls.forEach(this::add);
        return steps;
    }

    /** Whether there is a launch for all of these together. */
    static boolean fitOneLaunch(List<KernelCall> parts) {
        return parts.size() == 1
                || parts.stream().allMatch(KernelCall.SpikeCount.class::isInstance)
                || parts.stream().allMatch(KernelCall.SynapseCount.class::isInstance)
                || parts.stream().allMatch(KernelCall.SpikeMatmul.class::isInstance)
                        && MatmulLaunch.shareInput(parts.stream().map(KernelCall.SpikeMatmul.class::cast).toList());
    }

    private void add(KernelCall call) {
        if (!fitOneLaunch(call.parts())) {
            throw new IllegalArgumentException(ONE_LAUNCH + ", not " + call.output());
        }
        switch (call.parts().getFirst()) {
            case KernelCall.SpikeEncode encode -> encode(encode);
            case KernelCall.SpikeMatmul first -> steps.addAll(new MatmulLaunch(model, buffers, inputs)
                    .of(call.parts().stream().map(KernelCall.SpikeMatmul.class::cast).toList()));
            case KernelCall.SpikingAttention attention -> attention(attention);
            case KernelCall.SpikeCount first -> counts(call.parts().stream().map(KernelCall.SpikeCount.class::cast).toList());
            case KernelCall.SynapseCount first -> synapses(call.parts().stream().map(KernelCall.SynapseCount.class::cast).toList());
            case KernelCall.SpikeRetime retime -> retime(retime);
            case KernelCall.UnitCount count -> unitCounts(count);
            case KernelCall.MembraneUpdate update -> membrane(update);
            case KernelCall.ClassifierHead head -> classifier(head);
            default -> throw new UnsupportedOperationException("no CUDA kernel for " + call.operation());
        }
    }

    private void encode(KernelCall.SpikeEncode call) {
        requireSame("width", call.width(), model.config().hiddenSize());
        KernelArguments arguments = new KernelArguments();
        model.word().put(arguments);
        model.position().put(arguments);
        model.tokenType().put(arguments);
        arguments.pointer(model.embeddingNorm().weight()).pointer(model.embeddingNorm().bias());
        inputs.wordIds(arguments);
        inputs.positionIds(arguments);
        inputs.typeIds(arguments);
        arguments.pointer(buffers.makeSpikes(Population.EMBEDDING, call.timesteps(), call.width()));
        arguments.neuron(call.neuron());
        arguments.real(model.embeddingNorm().eps()).integer(call.width()).integer(call.timesteps()).integer(inputs.rows());
        launch("spike_encode", "spike_encode_b256", new CudaStream.Launch(inputs.rows(), 1, 1, 256, 4 * call.width()), arguments);
    }

    private void attention(KernelCall.SpikingAttention call) {
        AttentionHeads heads = call.heads();
        if (!heads.equals(model.config().layers().get(call.layer()).heads())) {
            throw new IllegalArgumentException("the call's heads are %s, but the model's are %s"
                    .formatted(heads, model.config().layers().get(call.layer()).heads()));
        }
        GpuAttention cut = GpuAttention.of(call.choice());
        int columns = GpuAttention.headColumns(heads);
        if (cut.warps() > GpuAttention.mostWarps(columns)) {
            throw new IllegalArgumentException("a block of %d tokens and %d timesteps has %d warps, but heads of %d columns allow %d"
                    .formatted(cut.tokens(), cut.steps(), cut.warps(), columns, GpuAttention.mostWarps(columns)));
        }
        Population target = new Population(call.layer(), Population.Kind.CONTEXT);
        DeviceMemory output = buffers.makeSpikes(target, call.timesteps(), heads.valueWidth());
        if (heads.valueSizes().stream().anyMatch(size -> size % 32 != 0) || heads.valueWidth() % 64 != 0) {
            // Heads share words then, and each sets its own bits.
            steps.add(new Step.Clear(output, buffers.spikeBytes(call.timesteps(), heads.valueWidth())));
        }
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.query(call.layer(), call.timesteps(), heads.keyWidth()))
                .pointer(buffers.spikes(new Population(call.layer(), Population.Kind.KEY), call.timesteps(), heads.keyWidth()))
                .pointer(buffers.spikes(new Population(call.layer(), Population.Kind.VALUE), call.timesteps(), heads.valueWidth()))
                .pointer(model.headOffsets(call.layer()).keys()).pointer(model.headOffsets(call.layer()).values());
        inputs.rowOffsets(arguments);
        inputs.live(arguments);
        arguments.pointer(output);
        arguments.neuron(call.neuron());
        arguments.real((float) heads.scale()).integer(call.timesteps()).integer(heads.keyWidth()).integer(heads.valueWidth());
        arguments.integer(cut.tokens() / GpuAttention.WARP_TOKENS).integer(cut.steps());
        int tiles = (inputs.longest() + cut.tokens() - 1) / cut.tokens();
        launch("spiking_attention", "spiking_attention_m16d%d_f32".formatted(columns), new CudaStream.Launch(tiles, heads.count(),
                inputs.sequences(), 32 * cut.warps(), cut.sharedBytes(columns, inputs.longest(), call.timesteps())), arguments);
    }

    private void counts(List<KernelCall.SpikeCount> calls) {
        for (int from = 0; from < calls.size(); from += COUNTED_AT_ONCE) {
            List<KernelCall.SpikeCount> some = calls.subList(from, Math.min(from + COUNTED_AT_ONCE, calls.size()));
            KernelArguments arguments = new KernelArguments();
            inputs.rowOffsets(arguments);
            for (KernelCall.SpikeCount call : some) {
                arguments.pointer(buffers.spikes(call.population(), call.timesteps(), call.width()))
                        .pointer(buffers.totals(), buffers.totalsOffset(call.output()))
                        .integer(call.timesteps() * SpikeTensor.wordsPerStep(call.width())).integer(0);
            }
            for (int unused = some.size(); unused < COUNTED_AT_ONCE; unused++) {
                arguments.nullPointer().nullPointer().integer(0).integer(0);
            }
            CountSlices slices = slices(some.stream().map(call -> CountSlices.Work.counted(call.timesteps(), call.width())).toList());
            arguments.integer(slices.rounds()).integer(0);
            launch("spike_count", "spike_count_totals_b256", slices.counting(some.size(), inputs.sequences()), arguments);
        }
    }

    private void synapses(List<KernelCall.SynapseCount> calls) {
        for (int from = 0; from < calls.size(); from += WEIGHED_AT_ONCE) {
            List<KernelCall.SynapseCount> some = calls.subList(from, Math.min(from + WEIGHED_AT_ONCE, calls.size()));
            KernelArguments arguments = new KernelArguments();
            int mostPlaneBytes = 0;
            inputs.rowOffsets(arguments);
            for (KernelCall.SynapseCount call : some) {
                DeviceModel.Synapses synapses = model.synapses(call.layer(), call.readers());
                requireSame("width", call.width(), synapses.planes().width());
                mostPlaneBytes = Math.max(mostPlaneBytes, Long.BYTES * synapses.planes().words().length);
                arguments.pointer(buffers.spikes(call.population(), call.timesteps(), call.width())).pointer(synapses.memory())
                        .pointer(buffers.totals(), buffers.totalsOffset(call.output()))
                        .integer(SpikeTensor.wordsPerStep(call.width())).integer(call.timesteps())
                        .integer(synapses.planes().count()).integer(synapses.planes().least());
            }
            for (int unused = some.size(); unused < WEIGHED_AT_ONCE; unused++) {
                arguments.nullPointer().nullPointer().nullPointer().integer(0).integer(0).integer(0).integer(0);
            }
            CountSlices slices = slices(some.stream().map(call -> CountSlices.Work.weighed(call.timesteps(), call.width())).toList());
            arguments.integer(slices.rounds()).integer(0);
            launch("synapse_count", "synapse_count_b192", slices.weighing(some.size(), inputs.sequences(), mostPlaneBytes), arguments);
        }
    }

    private CountSlices slices(List<CountSlices.Work> populations) {
        return CountSlices.of(populations, inputs.rows(), inputs.longest(), model.device().multiprocessors());
    }

    private void retime(KernelCall.SpikeRetime call) {
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.spikes(call.from(), call.fromTimesteps(), call.width()))
                .pointer(buffers.makeSpikes(new Population(call.layer(), Population.Kind.INPUT), call.timesteps(), call.width()))
                .integer(inputs.rows()).integer(call.width()).integer(call.fromTimesteps()).integer(call.timesteps());
        launch("spike_retime", "spike_retime_b128", wordByWarp(call.width()), arguments);
    }

    private void unitCounts(KernelCall.UnitCount call) {
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.spikes(call.population(), call.timesteps(), call.width()))
                .pointer(buffers.makeUnitCounts(call.population(), call.width()))
                .integer(inputs.rows()).integer(call.width()).integer(call.timesteps()).integer(0);
        launch("spike_count", "spike_count_units_b128", wordByWarp(call.width()), arguments);
    }

    private void membrane(KernelCall.MembraneUpdate call) {
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.current(call.population(), call.timesteps(), call.width()))
                .pointer(buffers.makeSpikes(call.population(), call.timesteps(), call.width()))
                .neuron(call.neuron())
                .integer(inputs.rows()).integer(call.width()).integer(call.timesteps()).integer(0);
        launch("membrane_update", "membrane_update_b128", wordByWarp(call.width()), arguments);
    }

    /** A warp for each 64 units of each row, four a block. */
    private CudaStream.Launch wordByWarp(int width) {
        int words = inputs.rows() * SpikeTensor.wordsPerStep(width);
        return new CudaStream.Launch((words + 3) / 4, 1, 1, 128, 0);
    }

    private void classifier(KernelCall.ClassifierHead call) {
        requireSame("width", call.width(), model.config().hiddenSize());
        requireSame("labels", call.labels(), model.config().labels().size());
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.spikes(call.input(), call.timesteps().orElseThrow(), call.width()));
        inputs.rowOffsets(arguments);
        model.classifier().put(arguments);
        arguments.pointer(model.classifierBias()).pointer(buffers.logits(call.labels()))
                .integer(call.timesteps().orElseThrow()).integer(call.labels());
        launch("classifier_head", "classifier_head_b128",
                new CudaStream.Launch(inputs.sequences(), 1, 1, 128, Double.BYTES * call.width()), arguments);
    }

    private void launch(String module, String entry, CudaStream.Launch launch, KernelArguments arguments) {
        CUfunction function = model.device().function(module, entry);
        steps.add(new PreparedLaunch(function, entry, launch, arguments));
    }

    static void requireSame(String what, int given, int needed) {
        if (given != needed) {
            throw new IllegalArgumentException("the call's %s is %d, but the model's is %d".formatted(what, given, needed));
        }
    }
}
