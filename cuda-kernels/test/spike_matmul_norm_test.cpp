#include "product.hpp"

namespace {
// A product whose blocks own whole rows.
void multiply(Device& device, const Kind& kind, Stored type, int rows, int inputs, int outputs, int timesteps, int block_rows, int steps, NeuronCase neuron, unsigned seed) {
    const TileLaunch rule = rows_launch(kind, block_rows, steps, timesteps, inputs, outputs);
    const std::string what = rule.entry + " rows " + std::to_string(rows) + " inputs " + std::to_string(inputs) + " outputs " + std::to_string(outputs) +
                             " T " + std::to_string(timesteps) + " by " + std::to_string(steps) + " seed " + std::to_string(seed);
    std::mt19937 random(seed);
    const Spikes in = Spikes::random(rows, timesteps, inputs, 0.25, random), residual = Spikes::random(rows, timesteps, outputs, 0.2, random);
    Projection projection(kind.name, type, outputs, inputs, in, neuron, NORM_MEMBRANE, random, &residual);
    const int tiles = tiles_of(outputs);
    Buffer<uint8_t> packed(packed_bytes(kind, tiles, inputs));
    Buffer<uint64_t> spikes(in.words), residual_spikes(residual.words);
    projection.pack(device, "pack_weights", packed.get(), 0, tiles);
    device.launch(std::string("spike_matmul_") + kind.name, rule.entry, {unsigned((rows + rule.tokens - 1) / rule.tokens)}, rule.threads, rule.shared,
                  SpikeMatmulRowsArgs{spikes.get(), packed.get(), residual_spikes.get(), projection.spikes(), projection.neuron(), 1e-12f, rows, inputs,
                                      outputs, timesteps, steps});
    projection.compare(what);
}

// The same in two launches: the tiles of the product, for which a token at a timestep is a row, then the LayerNorm, `warps` timesteps of a
// token at a time.
void multiply_split(Device& device, const Kind& kind, Stored type, int rows, int inputs, int outputs, int timesteps, int warps, NeuronCase neuron,
                    unsigned seed) {
    const TileLaunch rule = tile_launch(kind, 1, 2, inputs, false);
    const std::string what = rule.entry + ", norm_membrane_b256 rows " + std::to_string(rows) + " inputs " + std::to_string(inputs) + " outputs " +
                             std::to_string(outputs) + " T " + std::to_string(timesteps) + " warps " + std::to_string(warps) + " seed " + std::to_string(seed);
    std::mt19937 random(seed);
    const Spikes in = Spikes::random(rows, timesteps, inputs, 0.25, random), residual = Spikes::random(rows, timesteps, outputs, 0.2, random);
    Projection projection(kind.name, type, outputs, inputs, in, neuron, NORM_MEMBRANE, random, &residual);
    const int tiles = tiles_of(outputs);
    Buffer<uint8_t> packed(packed_bytes(kind, tiles, inputs));
    Buffer<uint64_t> spikes(in.words), residual_spikes(residual.words);
    projection.pack(device, "pack_weights", packed.get(), 0, tiles);
    SpikeMatmulArgs args{spikes.get(), packed.get(), rows * timesteps, inputs, 1, tiles, 1, 0, {}};
    args.segment[0] = projection.real_segment();
    device.launch(std::string("spike_matmul_") + kind.name, rule.entry, {unsigned((rows * timesteps + rule.tokens - 1) / rule.tokens), unsigned(tiles)}, rule.threads,
                  rule.shared, args);
    device.launch("norm_membrane", "norm_membrane_b256", {unsigned(rows)}, 32 * warps, size_t(warps + 1) * 64 * tiles * sizeof(float),
                  NormMembraneArgs{projection.real(), residual_spikes.get(), projection.norm_weight(), projection.norm_bias(), projection.spikes(),
                                   projection.neuron(), 1e-12f, outputs, timesteps, 0});
    projection.compare(what);
}
}  // namespace

void test_spike_matmul_norm(Device& device) {
    for (const Kind& kind : KINDS) {
        const std::string name = kind.name;
        const Stored type = name == "f16" ? F16 : name == "i8" ? I8 : F32;
        unsigned seed = 101;
        multiply_split(device, kind, type, 1, 3, 2, 1, 1, {}, seed++);
        multiply_split(device, kind, type, 17, 80, 48, 4, 4, {}, seed++);
        multiply_split(device, kind, type, 37, 512, 128, 2, 2, {1, 1, 0.5f, false}, seed++);
        multiply_split(device, kind, type, 5, 320, 192, 16, 8, {0.75f, 0.9f, 0.2f, true}, seed++);
        multiply_split(device, kind, type, 18, 65, 41, 7, 3, {}, seed++);
        multiply_split(device, kind, type, 2, 130, 1000, 33, 8, {1.3f, 0.9f, 0, false}, seed++);
        multiply_split(device, kind, type, 33, 257, 98, 1, 8, {1, 1, 0.5f, false}, seed++);
        multiply_split(device, kind, type, 3, 3072, 768, 2, 2, {}, seed++);
        multiply_split(device, kind, type, 2, 64, 2100, 5, 4, {0.7f, 1, 0, true}, seed++);
        multiply_split(device, kind, type, 3, 64, 31, 128, 8, {1.1f, 0.97f, 0.5f, false}, seed++);
        if (name != "ternary" && name != "binary") continue;
        multiply(device, kind, type, 1, 3, 2, 1, 16, 1, {}, seed++);
        multiply(device, kind, type, 17, 80, 48, 4, 32, 4, {}, seed++);
        multiply(device, kind, type, 37, 512, 128, 2, 32, 2, {1, 1, 0.5f, false}, seed++);
        multiply(device, kind, type, 5, 320, 192, 16, 32, 16, {0.75f, 0.9f, 0.2f, true}, seed++);
        multiply(device, kind, type, 18, 65, 40, 7, 16, 4, {}, seed++);
        multiply(device, kind, type, 2, 96, 129, 33, 32, 16, {1.3f, 0.9f, 0, false}, seed++);
        multiply(device, kind, type, 3, 3072, 768, 2, 32, 2, {}, seed++);
        multiply(device, kind, type, 2, 130, 1000, 3, 16, 2, {}, seed++);
        multiply(device, kind, type, 33, 257, 100, 1, 32, 1, {1, 1, 0.5f, false}, seed++);
        multiply(device, kind, type, 9, 200, 65, 3, 32, 4, {0.8f, 0.95f, 0.4f, true}, seed++);
        multiply(device, kind, type, 6, 704, 330, 8, 32, 8, {1, 1, 0.5f, false}, seed++);
        multiply(device, kind, type, 11, 129, 768, 5, 32, 2, {0.9f, 0.9f, 0.5f, false}, seed++);
        multiply(device, kind, type, 3, 64, 31, 128, 32, 8, {1.1f, 0.97f, 0.5f, false}, seed++);
        multiply(device, kind, type, 1, 100, 64, 128, 16, 16, {1, 1, 0.5f, false}, seed++);
        multiply(device, kind, type, 3, 190, 897, 16, 16, 16, {0.7f, 1, 0, true}, seed++);
        multiply(device, kind, type, 5, 1024, 1024, 8, 16, 8, {1, 1, 0.5f, false}, seed++);
    }
}
