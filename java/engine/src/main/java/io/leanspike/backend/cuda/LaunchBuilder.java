package io.leanspike.backend.cuda;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Population;
import io.leanspike.model.LinearWeights;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUfunction;

/** Turns kernel calls into launches: entry, grid, shared memory and the argument structures of cuda-kernels, field by field. */
final class LaunchBuilder {
    /** Populations that one launch of spike_count_totals takes. */
    private static final int COUNTED_AT_ONCE = 8;
    private static final int SEGMENTS = 3;

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

    private void add(KernelCall call) {
        switch (call.parts().getFirst()) {
            case KernelCall.SpikeEncode encode -> encode(encode);
            case KernelCall.SpikeMatmul first -> matmul(call.parts().stream().map(KernelCall.SpikeMatmul.class::cast).toList());
            case KernelCall.SpikingAttention attention -> attention(attention);
            case KernelCall.SpikeCount first -> counts(call.parts().stream().map(KernelCall.SpikeCount.class::cast).toList());
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
        put(call.neuron(), arguments);
        arguments.real(model.embeddingNorm().eps()).integer(call.width()).integer(call.timesteps()).integer(inputs.rows());
        launch("spike_encode", "spike_encode_b256", new CudaStream.Launch(inputs.rows(), 1, 1, 256, 4 * call.width()), arguments);
    }

    private void matmul(List<KernelCall.SpikeMatmul> calls) {
        KernelCall.SpikeMatmul first = calls.getFirst();
        for (KernelCall.SpikeMatmul call : calls) {
            LinearWeights linear = call.projection().weights(model.layer(call.layer()));
            requireSame("inputs", call.inputs(), linear.inputs());
            requireSame("outputs", call.outputs(), linear.outputs());
        }
        GpuMatmul variant = GpuMatmul.parse(first.choice().variant());
        MatmulGeometry geometry = MatmulGeometry.of(variant.kind());
        PackedWeights weights = model.product(first.layer(), calls.stream().map(KernelCall.SpikeMatmul::projection).toList(), variant.kind());
        String module = "spike_matmul_" + variant.kind();
        if (first.projection().epilogue() == Epilogue.NORM_MEMBRANE) {
            rows(first, variant, geometry, weights, module);
            return;
        }
        boolean gelu = first.projection().epilogue() == Epilogue.GELU_MEMBRANE;
        int tokens = first.choice().tileRows();
        int tokensOfTwoWarps = 64 / variant.steps();
        String entry = "%s_m%dn64_t%d_%s_%s".formatted(module, tokensOfTwoWarps, variant.steps(), geometry.sum(), gelu ? "gelu" : "membrane");
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.spikes(first.projection().input(first.layer()), first.timesteps(), first.inputs()))
                .pointer(weights.memory())
                .integer(inputs.rows()).integer(first.inputs()).integer(first.timesteps()).integer(weights.tiles())
                .integer(calls.size()).integer(0);
        int firstTile = 0;
        for (KernelCall.SpikeMatmul call : calls) {
            arguments.pointer(output(call));
            put(call.neuron(), arguments);
            arguments.integer(firstTile).integer(call.outputs()).integer(code(call.projection().epilogue())).integer(0);
            firstTile += PackedWeights.tiles(call.outputs());
        }
        for (int unused = calls.size(); unused < SEGMENTS; unused++) {
            arguments.nullPointer();
            put(first.neuron(), arguments);
            arguments.integer(0).integer(0).integer(0).integer(0);
        }
        int blocks = (inputs.rows() + tokens - 1) / tokens;
        launch(module, entry, new CudaStream.Launch(blocks, weights.tiles(), 1, 64 * tokens / tokensOfTwoWarps,
                geometry.tileSharedBytes(first.inputs(), tokens, variant.steps())), arguments);
    }

    private void rows(KernelCall.SpikeMatmul call, GpuMatmul variant, MatmulGeometry geometry, PackedWeights weights, String module) {
        int widest = variant.steps() == 2 ? 768 : 1024;
        int warps = (call.outputs() + widest / 8 - 1) / (widest / 8);
        String entry = "%s_m16n%d_t%d_%s_norm".formatted(module, widest, variant.steps(), geometry.sum());
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.spikes(call.projection().input(call.layer()), call.timesteps(), call.inputs()))
                .pointer(weights.memory())
                .pointer(buffers.spikes(call.projection().residual(call.layer()).orElseThrow(), call.timesteps(), call.outputs()))
                .pointer(output(call));
        put(call.neuron(), arguments);
        arguments.real(call.projection().norm(model.layer(call.layer())).orElseThrow().eps())
                .integer(inputs.rows()).integer(call.inputs()).integer(call.outputs()).integer(call.timesteps()).integer(0);
        int blocks = (inputs.rows() + 15) / 16;
        launch(module, entry, new CudaStream.Launch(blocks, 1, 1, 32 * warps,
                geometry.rowsSharedBytes(call.inputs(), warps, variant.steps())), arguments);
    }

    private void attention(KernelCall.SpikingAttention call) {
        Population target = new Population(call.layer(), Population.Kind.CONTEXT);
        DeviceMemory output = buffers.makeSpikes(target, call.timesteps(), call.width());
        int head = call.width() / call.heads();
        if (head % 32 != 0 || call.width() % 64 != 0) {
            // Heads share words then, and each sets its own bits.
            steps.add(new Step.Clear(output, buffers.spikeBytes(call.timesteps(), call.width())));
        }
        int warps = Math.min(8, (inputs.longest() + 15) / 16);
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.query(call.layer(), call.timesteps(), call.width()))
                .pointer(buffers.spikes(new Population(call.layer(), Population.Kind.KEY), call.timesteps(), call.width()))
                .pointer(buffers.spikes(new Population(call.layer(), Population.Kind.VALUE), call.timesteps(), call.width()))
                .pointer(model.headOffsets()).pointer(model.headOffsets());
        inputs.rowOffsets(arguments);
        inputs.live(arguments);
        arguments.pointer(output);
        put(call.neuron(), arguments);
        arguments.real((float) (1 / Math.sqrt(head))).integer(call.timesteps()).integer(call.width()).integer(call.width());
        int tiles = (inputs.longest() + 16 * warps - 1) / (16 * warps);
        launch("spiking_attention", "spiking_attention_m16d" + (head <= 64 ? 64 : 128) + "_f32",
                new CudaStream.Launch(tiles, call.heads(), inputs.sequences(), 32 * warps, attentionSharedBytes(inputs.longest(), head)), arguments);
    }

    /** The mask, and the head's keys and values as bits: a word for each unit and 32 keys (values with an odd stride). */
    private static int attentionSharedBytes(int length, int head) {
        int blocks = (length + 31) / 32;
        int columns = (head + 31) / 32 * 32;
        return Integer.BYTES * (blocks + columns * blocks + columns * (blocks | 1));
    }

    private void counts(List<KernelCall.SpikeCount> calls) {
        for (int from = 0; from < calls.size(); from += COUNTED_AT_ONCE) {
            List<KernelCall.SpikeCount> some = calls.subList(from, Math.min(from + COUNTED_AT_ONCE, calls.size()));
            KernelArguments arguments = new KernelArguments();
            inputs.rowOffsets(arguments);
            for (KernelCall.SpikeCount call : some) {
                arguments.pointer(buffers.spikes(call.population(), call.timesteps(), call.width()))
                        .pointer(buffers.totals(), buffers.totalsOffset(call.population()))
                        .integer(call.timesteps() * ((call.width() + 63) / 64)).integer(0);
            }
            for (int unused = some.size(); unused < COUNTED_AT_ONCE; unused++) {
                arguments.nullPointer().nullPointer().integer(0).integer(0);
            }
            launch("spike_count", "spike_count_totals_b256", new CudaStream.Launch(inputs.sequences(), some.size(), 1, 256, 0), arguments);
        }
    }

    private void classifier(KernelCall.ClassifierHead call) {
        requireSame("width", call.width(), model.config().hiddenSize());
        requireSame("labels", call.labels(), model.config().labels().size());
        KernelArguments arguments = new KernelArguments().pointer(buffers.spikes(call.input(), call.timesteps().orElseThrow(), call.width()));
        inputs.rowOffsets(arguments);
        model.classifier().put(arguments);
        arguments.pointer(model.classifierBias()).pointer(buffers.logits(call.labels()))
                .integer(call.timesteps().orElseThrow()).integer(call.labels());
        launch("classifier_head", "classifier_head_b128",
                new CudaStream.Launch(inputs.sequences(), 1, 1, 128, Double.BYTES * call.width()), arguments);
    }

    private DeviceMemory output(KernelCall.SpikeMatmul call) {
        return call.projection().output(call.layer())
                .map(population -> buffers.makeSpikes(population, call.timesteps(), call.outputs()))
                .orElseGet(() -> buffers.makeQuery(call.layer(), call.timesteps(), call.outputs()));
    }

    private void launch(String module, String entry, CudaStream.Launch launch, KernelArguments arguments) {
        CUfunction function = model.device().function(module, entry);
        steps.add(new PreparedLaunch(function, entry, launch, arguments));
    }

    private static void requireSame(String what, int given, int needed) {
        if (given != needed) {
            throw new IllegalArgumentException("the call's %s is %d, but the model's is %d".formatted(what, given, needed));
        }
    }

    private static int code(Epilogue epilogue) {
        return switch (epilogue) {
            case REAL -> 0;
            case MEMBRANE -> 1;
            case GELU_MEMBRANE -> 3;
            case NORM_MEMBRANE -> throw new IllegalArgumentException("LayerNorm has a kernel of its own");
        };
    }

    private static void put(Neuron neuron, KernelArguments arguments) {
        arguments.real((float) neuron.threshold()).real((float) neuron.leak()).real((float) neuron.initialPotential())
                .integer(neuron.reset() == Neuron.Reset.HARD ? 1 : 0);
    }
}
