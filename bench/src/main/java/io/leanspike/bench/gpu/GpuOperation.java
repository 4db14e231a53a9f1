package io.leanspike.bench.gpu;

import io.leanspike.backend.GpuAttention;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Population;
import io.leanspike.backend.Projection;
import io.leanspike.backend.WeightKind;
import io.leanspike.bench.OperationRun;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * One launch to look at.
 *
 * @param name the operation, and which of its launches
 */
record GpuOperation(String name, KernelCall call) {
    private static final KernelChoice ONLY = new KernelChoice("cuda", 0, "measured alone");
    private static final int GATHER_STEPS = 4;

    /** The products of a layer, as the planner launches them and gathering, and what counts their live weights where units differ. */
    static List<GpuOperation> products(OperationRun run, WeightKind kind) {
        List<GpuOperation> all = new ArrayList<>();
        for (Projection projection : List.of(Projection.QUERY, Projection.ATTENTION_OUTPUT, Projection.INTERMEDIATE, Projection.OUTPUT)) {
            KernelCall launch = run.launch(part -> part instanceof KernelCall.SpikeMatmul matmul && matmul.projection() == projection);
            String which = projection == Projection.QUERY ? "query + key + value" : projection.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
            all.add(new GpuOperation("spike_matmul " + which, launch));
            if (!kind.isLowBit()) {
                all.add(new GpuOperation("spike_gather_matmul " + which, gathering(launch, kind)));
            }
        }
        run.plan().calls().stream().filter(call -> call.parts().getFirst() instanceof KernelCall.SynapseCount)
                .map(call -> new GpuOperation("synapse_count totals of a layer", call)).forEach(all::add);
        return all;
    }

    private static KernelCall gathering(KernelCall launch, WeightKind kind) {
        KernelChoice choice = new KernelChoice(new GpuMatmul(GpuMatmul.Form.GATHER, kind, GATHER_STEPS).toString(), 1, "measured");
        List<KernelCall> parts = launch.parts().stream().map(KernelCall.SpikeMatmul.class::cast).<KernelCall>map(c ->
                new KernelCall.SpikeMatmul(c.layer(), c.projection(), c.inputs(), c.outputs(), c.timesteps(), c.neuron(), choice)).toList();
        return parts.size() == 1 ? parts.getFirst() : new KernelCall.Fused(parts, choice);
    }

    /** The operations that do not depend on the encoder's weights. */
    static List<GpuOperation> others(OperationRun run, ModelConfig config, int timesteps) {
        Neuron neuron = new Neuron(1, 1, 0, Neuron.Reset.SOFT);
        Population intermediate = new Population(0, Population.Kind.INTERMEDIATE);
        int wide = config.intermediateSize();
        return List.of(
                new GpuOperation("spike_encode", run.first(KernelCall.SpikeEncode.class)),
                new GpuOperation("spiking_attention", run.first(KernelCall.SpikingAttention.class)),
                new GpuOperation("spiking_attention a timestep at a time", aTimestepAtATime(run)),
                new GpuOperation("spike_count totals of a layer", run.launch(KernelCall.SpikeCount.class::isInstance)),
                new GpuOperation("spike_retime to T / 2", new KernelCall.SpikeRetime(0, Population.EMBEDDING, config.hiddenSize(), timesteps,
                        Math.max(1, timesteps / 2), ONLY)),
                new GpuOperation("spike_count units", new KernelCall.UnitCount(intermediate, wide, timesteps, ONLY)),
                new GpuOperation("membrane_update",
                        new KernelCall.MembraneUpdate(new Population(0, Population.Kind.KEY), config.hiddenSize(), timesteps, neuron, ONLY)),
                new GpuOperation("classifier_head", run.first(KernelCall.ClassifierHead.class)));
    }

    /** Attention as blocks of 8 warps or fewer do it that take no two timesteps at once: what the planner's cut is to be compared with. */
    private static KernelCall aTimestepAtATime(OperationRun run) {
        KernelCall.SpikingAttention planned = run.first(KernelCall.SpikingAttention.class);
        int tiles = (run.plan().shape().longest() + GpuAttention.WARP_TOKENS - 1) / GpuAttention.WARP_TOKENS;
        GpuAttention cut = new GpuAttention(GpuAttention.WARP_TOKENS * Math.min(8, tiles), 1);
        return new KernelCall.SpikingAttention(planned.layer(), planned.heads(), planned.timesteps(), planned.neuron(), cut.choice("measured"));
    }
}
