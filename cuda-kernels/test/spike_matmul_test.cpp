#include "product.hpp"

namespace {
// One launch over projections with epilogues of their own, as query, key and value run.
void multiply(Device& device, const Kind& kind, Stored type, int rows, int inputs, std::vector<std::pair<int, int32_t>> projections, int timesteps,
              int steps, int token_groups, NeuronCase neuron, unsigned seed) {
    const bool gelu_launch = projections[0].second == GELU_MEMBRANE;
    const TileLaunch rule = tile_launch(kind, steps, token_groups, inputs, gelu_launch);
    const std::string what = rule.entry + " rows " + std::to_string(rows) + " inputs " + std::to_string(inputs) + " outputs " +
                             std::to_string(projections[0].first) + " T " + std::to_string(timesteps) + " groups " + std::to_string(token_groups) +
                             " seed " + std::to_string(seed);
    std::mt19937 random(seed);
    const Spikes in = Spikes::random(rows, timesteps, inputs, 0.25, random);
    std::vector<std::unique_ptr<Projection>> made;
    int tiles = 0;
    for (auto [outputs, epilogue] : projections) {
        made.push_back(std::make_unique<Projection>(kind.name, type, outputs, inputs, in, neuron, epilogue, random));
        tiles += tiles_of(outputs);
    }
    Buffer<uint8_t> packed(packed_bytes(kind, tiles, inputs));
    Buffer<uint64_t> spikes(in.words);
    SpikeMatmulArgs args{spikes.get(), packed.get(), rows, inputs, timesteps, tiles, int(made.size()), 0, {}};
    int first_tile = 0;
    for (size_t i = 0; i < made.size(); i++) {
        made[i]->pack(device, "pack_weights", packed.get(), first_tile, tiles);
        args.segment[i] = made[i]->segment(first_tile);
        first_tile += tiles_of(made[i]->outputs);
    }
    // Blocks may share the tiles of one-bit weights.
    const bool one_bit = kind.stage_inputs == 256;
    const int sharers = one_bit && seed % 2 ? (tiles + 2) / 3 : tiles;
    device.launch(std::string("spike_matmul_") + kind.name, rule.entry, {unsigned((rows + rule.tokens - 1) / rule.tokens), unsigned(sharers)},
                  rule.threads, rule.shared, args);
    for (auto& projection : made) projection->compare(what);
}
}  // namespace

void test_spike_matmul(Device& device) {
    for (const Kind& kind : KINDS) {
        const std::string name = kind.name;
        const Stored type = name == "f16" ? BF16 : name == "i8" ? I8 : F32;
        unsigned seed = 1;
        multiply(device, kind, type, 1, 1, {{1, MEMBRANE}}, 1, 1, 1, {}, seed++);
        multiply(device, kind, type, 70, 40, {{40, REAL}, {37, MEMBRANE}, {72, MEMBRANE}}, 1, 1, 2, {}, seed++);
        multiply(device, kind, type, 37, 192, {{100, MEMBRANE}}, 2, 2, 1, {1, 0.9f, 0.5f, true}, seed++);
        multiply(device, kind, type, 33, 128, {{128, REAL}, {128, MEMBRANE}, {128, MEMBRANE}}, 4, 4, 2, {0.75f, 1, 0.3f, false}, seed++);
        multiply(device, kind, type, 19, 320, {{65, MEMBRANE}}, 7, 4, 2, {1.3f, 0.9f, 0, false}, seed++);
        multiply(device, kind, type, 17, 769, {{63, GELU_MEMBRANE}}, 33, 4, 1, {}, seed++);
        multiply(device, kind, type, 65, 72, {{80, GELU_MEMBRANE}}, 1, 1, 1, {}, seed++);
        multiply(device, kind, type, 40, 130, {{64, GELU_MEMBRANE}}, 2, 2, 2, {}, seed++);
        multiply(device, kind, type, 3, 48, {{50, MEMBRANE}}, 128, 4, 1, {1, 0.95f, 0.5f, false}, seed++);
        multiply(device, kind, type, 16, 768, {{3072, GELU_MEMBRANE}}, 4, 4, 1, {}, seed++);
    }
    multiply(device, KINDS[1], F16, 21, 200, {{90, MEMBRANE}}, 5, 4, 2, {}, 50);
    multiply(device, KINDS[0], BF16, 21, 200, {{90, MEMBRANE}}, 5, 4, 2, {}, 51);
    multiply(device, KINDS[2], F32, 21, 200, {{90, MEMBRANE}}, 5, 4, 2, {}, 52);
}
