package io.leanspike.backend.cuda;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.GpuMatmul.Form;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.MatmulGeometry;
import io.leanspike.backend.Population;
import io.leanspike.model.LinearWeights;
import java.util.List;

/** The launch of a product: the entry of its variant, and the structures SpikeMatmulArgs and SpikeMatmulRowsArgs field by field. */
record MatmulLaunch(DeviceModel model, RunBuffers buffers, BatchInputs inputs) {
    static final int SEGMENTS = 3;
    /** Outputs that a thread of the gathering kernels takes, and the most threads of their blocks. */
    static final int OUTPUTS_PER_THREAD = 4;
    static final int MOST_GATHERING_THREADS = 256;
    /** Outputs of a row that a gathering block holds, all of them, for a LayerNorm. */
    static final int WIDEST_GATHERED_ROW = 2048;
    /** Warps of a block of norm_membrane, each with a timestep. */
    static final int NORM_WARPS = 8;
    /**
     * What a block of norm_membrane takes of shared memory at most: so little that several of them share a multiprocessor, the loads of one
     * going on while others wait at a barrier. Wide rows leave it fewer warps.
     */
    private static final int NORM_SHARED_BYTES = 46 << 10;
    /** Outputs of a row of which that holds one timestep and the potentials. */
    static final int WIDEST_SPLIT_ROW = NORM_SHARED_BYTES / (2 * Float.BYTES) / PackedWeights.TILE * PackedWeights.TILE;

    /** Whether one launch can serve products. */
    static boolean shareInput(List<KernelCall.SpikeMatmul> calls) {
        KernelCall.SpikeMatmul first = calls.getFirst();
        boolean gelu = first.projection().epilogue() == Epilogue.GELU_MEMBRANE;
        return calls.size() <= SEGMENTS && calls.stream().allMatch(call ->
                call.layer() == first.layer() && call.input().equals(first.input()) && call.inputs() == first.inputs()
                        && call.timesteps() == first.timesteps() && call.choice().variant().equals(first.choice().variant())
                        && call.choice().tileRows() == first.choice().tileRows()
                        && call.projection().epilogue() != Epilogue.NORM_MEMBRANE
                        && (call.projection().epilogue() == Epilogue.GELU_MEMBRANE) == gelu);
    }

    /** For one product, or several that share their input: one launch, two where a LayerNorm is split off. */
    List<PreparedLaunch> of(List<KernelCall.SpikeMatmul> calls) {
        KernelCall.SpikeMatmul first = calls.getFirst();
        for (KernelCall.SpikeMatmul call : calls) {
            LinearWeights linear = call.projection().weights(model.layer(call.layer()));
            LaunchBuilder.requireSame("inputs", call.inputs(), linear.inputs());
            LaunchBuilder.requireSame("outputs", call.outputs(), linear.outputs());
        }
        GpuMatmul variant = GpuMatmul.parse(first.choice().variant());
        PackedWeights weights = model.product(first.layer(), calls.stream().map(KernelCall.SpikeMatmul::projection).toList(),
                variant.form() == Form.SPLIT ? Form.TENSOR : variant.form(), variant.kind());
        boolean norm = first.projection().epilogue() == Epilogue.NORM_MEMBRANE;
        if (variant.form() == Form.SPLIT) {
            int rows = Math.multiplyExact(inputs.rows(), first.timesteps());
            return List.of(tile(first, rows, variant, weights, segments(calls, rows, 1, weights)), norm(first, weights));
        }
        KernelArguments arguments = norm ? wholeRows(first, variant, weights) : segments(calls, inputs.rows(), first.timesteps(), weights);
        if (variant.form() == Form.GATHER) {
            return List.of(gather(first, variant, weights, norm, arguments));
        }
        return List.of(norm ? rows(first, variant, arguments) : tile(first, inputs.rows(), variant, weights, arguments));
    }

    /** LayerNorm and membrane after a product that left its real currents. */
    private PreparedLaunch norm(KernelCall.SpikeMatmul call, PackedWeights weights) {
        int warps = Math.clamp(call.timesteps(), 1, NORM_WARPS);
        int columns = PackedWeights.TILE * weights.tiles();
        while (warps > 1 && normSharedBytes(warps, columns) > NORM_SHARED_BYTES) {
            warps--;
        }
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.current(population(call), call.timesteps(), call.outputs()))
                .pointer(buffers.spikes(call.residual().orElseThrow(), call.timesteps(), call.outputs()))
                .pointer(weights.memory(), weights.normWeightAt()).pointer(weights.memory(), weights.normBiasAt())
                .pointer(output(call))
                .neuron(call.neuron())
                .real(call.projection().norm(model.layer(call.layer())).orElseThrow().eps())
                .integer(call.outputs()).integer(call.timesteps()).integer(0);
        return prepared("norm_membrane", "_b256",
                new CudaStream.Launch(inputs.rows(), 1, 1, 32 * warps, normSharedBytes(warps, columns)), arguments);
    }

    private static int normSharedBytes(int warps, int columns) {
        return (warps + 1) * columns * Float.BYTES;
    }

    /** @param rows of as many timesteps each as the arguments say */
    private PreparedLaunch tile(KernelCall.SpikeMatmul call, int rows, GpuMatmul variant, PackedWeights weights,
            KernelArguments arguments) {
        MatmulGeometry geometry = MatmulGeometry.of(variant.kind());
        boolean gelu = call.projection().epilogue() == Epilogue.GELU_MEMBRANE;
        int tokens = call.choice().tileRows();
        int tokensOfTwoWarps = MatmulGeometry.PAIR_ROWS / variant.steps();
        int blocksOfTiles = Math.ceilDiv(weights.tiles(), variant.tilesOfBlock());
        return prepared("spike_matmul_" + variant.kind(), "_m%dn64_t%d_%s_%s".formatted(
                tokensOfTwoWarps, variant.steps(), geometry.sum(), gelu ? "gelu" : "membrane"),
                new CudaStream.Launch(Math.ceilDiv(rows, tokens), blocksOfTiles, 1, 64 * tokens / tokensOfTwoWarps,
                        MatmulLimits.sharedBytes(call, variant)), arguments);
    }

    private PreparedLaunch rows(KernelCall.SpikeMatmul call, GpuMatmul variant, KernelArguments arguments) {
        MatmulGeometry geometry = MatmulGeometry.of(variant.kind());
        int tokens = call.choice().tileRows();
        int rows = tokens * variant.steps();
        int blocks = (inputs.rows() + tokens - 1) / tokens;
        return prepared("spike_matmul_" + variant.kind(),
                "_m%dn%d_%s_norm".formatted(rows, MatmulGeometry.widestRow(rows), geometry.sum()),
                new CudaStream.Launch(blocks, 1, 1, MatmulGeometry.rowsWarps(call.outputs()) * 32,
                        MatmulLimits.sharedBytes(call, variant)), arguments);
    }

    private PreparedLaunch gather(KernelCall.SpikeMatmul call, GpuMatmul variant, PackedWeights weights, boolean norm,
            KernelArguments arguments) {
        int threads = PackedWeights.TILE / OUTPUTS_PER_THREAD * weights.tiles();
        int ofBlock = (threads + 31) / 32 * 32;
        if (!norm) {
            ofBlock = Math.min(ofBlock, MOST_GATHERING_THREADS);
        }
        String suffix = "_n%d_t%d_%s_%s".formatted(OUTPUTS_PER_THREAD, variant.steps(), MatmulGeometry.of(variant.kind()).sum(),
                norm ? "norm" : "membrane");
        return prepared("spike_gather_matmul", "_" + variant.kind() + suffix, new CudaStream.Launch(inputs.rows(),
                (threads + ofBlock - 1) / ofBlock, 1, ofBlock, MatmulLimits.sharedBytes(call, variant)), arguments);
    }

    private PreparedLaunch prepared(String module, String suffix, CudaStream.Launch launch, KernelArguments arguments) {
        String entry = module + suffix;
        return new PreparedLaunch(model.device().function(module, entry), entry, launch, arguments);
    }

    /** @param rows of {@code timesteps} each */
    private KernelArguments segments(List<KernelCall.SpikeMatmul> calls, int rows, int timesteps, PackedWeights weights) {
        KernelCall.SpikeMatmul first = calls.getFirst();
        KernelArguments arguments = new KernelArguments()
                .pointer(buffers.spikes(first.input(), first.timesteps(), first.inputs()))
                .pointer(weights.memory())
                .integer(rows).integer(first.inputs()).integer(timesteps).integer(weights.tiles())
                .integer(calls.size()).integer(0);
        int firstTile = 0;
        for (KernelCall.SpikeMatmul call : calls) {
            boolean splitOff = call.projection().epilogue() == Epilogue.NORM_MEMBRANE;
            arguments.pointer(splitOff ? buffers.makeCurrent(population(call), call.timesteps(), call.outputs()) : output(call))
                    .neuron(call.neuron())
                    .integer(firstTile).integer(call.outputs()).integer(code(call.projection().epilogue())).integer(0);
            firstTile += PackedWeights.tiles(call.outputs());
        }
        for (int unused = calls.size(); unused < SEGMENTS; unused++) {
            arguments.nullPointer().neuron(first.neuron()).integer(0).integer(0).integer(0).integer(0);
        }
        return arguments;
    }

    private KernelArguments wholeRows(KernelCall.SpikeMatmul call, GpuMatmul variant, PackedWeights weights) {
        return new KernelArguments()
                .pointer(buffers.spikes(call.input(), call.timesteps(), call.inputs()))
                .pointer(weights.memory())
                .pointer(buffers.spikes(call.residual().orElseThrow(), call.timesteps(), call.outputs()))
                .pointer(output(call))
                .neuron(call.neuron())
                .real(call.projection().norm(model.layer(call.layer())).orElseThrow().eps())
                .integer(inputs.rows()).integer(call.inputs()).integer(call.outputs()).integer(call.timesteps())
                .integer(variant.steps());
    }

    private static Population population(KernelCall.SpikeMatmul call) {
        return call.projection().output(call.layer()).orElseThrow();
    }

    private DeviceMemory output(KernelCall.SpikeMatmul call) {
        return call.projection().output(call.layer())
                .map(population -> buffers.makeSpikes(population, call.timesteps(), call.outputs()))
                .orElseGet(() -> buffers.makeQuery(call.layer(), call.timesteps(), call.outputs()));
    }

    private static int code(Epilogue epilogue) {
        return switch (epilogue) {
            case REAL, NORM_MEMBRANE -> 0;
            case MEMBRANE -> 1;
            case GELU_MEMBRANE -> 3;
        };
    }
}
