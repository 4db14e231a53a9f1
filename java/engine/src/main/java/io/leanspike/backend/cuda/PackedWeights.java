package io.leanspike.backend.cuda;

import io.leanspike.backend.GpuMatmul.Form;
import io.leanspike.backend.MatmulGeometry;
import io.leanspike.backend.WeightKind;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LinearWeights;
import java.util.List;
import java.util.Optional;
import jcuda.driver.CUfunction;

/**
 * The weights of one launch of spike_matmul in the order its form wants them, with scale, bias and LayerNorm of every output
 * (packed_weights.cuh, gathered_weights.cuh). Several linear layers on the same input stand side by side, each on tiles of its own.
 *
 * @param tiles of 64 outputs, of all layers
 */
record PackedWeights(DeviceMemory memory, int tiles) implements Owned.Resource {
    static final int TILE = MatmulGeometry.TILE_OUTPUTS;
    private static final int THREADS = 128;

    /** Uploads, packs on the device and waits until it is done. */
    static PackedWeights of(CudaDevice device, CudaStream stream, Form form, WeightKind kind, List<LinearWeights> layers,
            Optional<LayerNormWeights> norm) {
        int tiles = layers.stream().mapToInt(layer -> tiles(layer.outputs())).sum();
        return Owned.whole(parts -> {
            DeviceMemory packed = parts.add(new DeviceMemory(bytes(form, kind, tiles, layers.getFirst().inputs())));
            pack(packed, tiles, device, stream, form, kind, layers, norm);
            return new PackedWeights(packed, tiles);
        });
    }

    private static void pack(DeviceMemory packed, int tiles, CudaDevice device, CudaStream stream, Form form, WeightKind kind,
            List<LinearWeights> layers, Optional<LayerNormWeights> norm) {
        String module = form == Form.GATHER ? "pack_weights_gather" : "pack_weights";
        String entry = module + "_" + kind + "_b" + THREADS;
        CUfunction pack = device.function(module, entry);
        int firstTile = 0;
        for (LinearWeights layer : layers) {
            try (StoredMatrix matrix = StoredMatrix.of(layer.weight());
                    DeviceMemory bias = DeviceMemory.of(layer.bias());
                    Norm values = Norm.of(norm.orElseGet(() -> zeros(layer.outputs())))) {
                KernelArguments arguments = new KernelArguments();
                matrix.put(arguments);
                arguments.pointer(bias).pointer(values.weight()).pointer(values.bias()).pointer(packed)
                        .integer(layer.outputs()).integer(firstTile).integer(tiles).integer(0);
                int blocks = TILE * tiles(layer.outputs());
                stream.launch(pack, entry, new CudaStream.Launch(blocks, 1, 1, THREADS, 0), arguments);
                stream.synchronize();
            }
            firstTile += tiles(layer.outputs());
        }
    }

    /** Where the LayerNorm's weights start, and its biases. */
    long normWeightAt() {
        return memory.bytes() - 2L * TILE * tiles * Float.BYTES;
    }

    long normBiasAt() {
        return memory.bytes() - (long) TILE * tiles * Float.BYTES;
    }

    static int tiles(int outputs) {
        return (outputs + TILE - 1) / TILE;
    }

    private static long bytes(Form form, WeightKind kind, int tiles, int inputs) {
        MatmulGeometry geometry = MatmulGeometry.of(kind);
        long weights = form == Form.GATHER ? (long) inputs * tiles * TILE * geometry.gatheredBytes()
                : (long) tiles * geometry.stages(inputs) * geometry.stageBytes();
        return weights + 4L * TILE * tiles * Float.BYTES;
    }

    private static LayerNormWeights zeros(int outputs) {
        return new LayerNormWeights(new float[outputs], new float[outputs], 0);
    }

    @Override
    public void close() {
        memory.close();
    }
}
