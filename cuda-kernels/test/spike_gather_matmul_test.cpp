#include "product.hpp"

namespace {
struct Form {
    const char* kind;
    const char* sum;
    int element_bytes;
    Stored type;
};

std::string entry_of(const Form& form, bool norm) {
    return std::string("spike_gather_matmul_") + form.kind + "_n4_t4_" + form.sum + (norm ? "_norm" : "_membrane");
}

void gather(Device& device, const Form& form, int rows, int inputs, std::vector<std::pair<int, int32_t>> projections, int timesteps, double density,
            NeuronCase neuron, unsigned seed) {
    const bool norm = projections[0].second == NORM_MEMBRANE;
    const std::string what = entry_of(form, norm) + " rows " + std::to_string(rows) + " inputs " + std::to_string(inputs) + " outputs " +
                             std::to_string(projections[0].first) + " T " + std::to_string(timesteps) + " seed " + std::to_string(seed);
    std::mt19937 random(seed);
    const Spikes in = Spikes::random(rows, timesteps, inputs, density, random), residual = Spikes::random(rows, timesteps, projections[0].first, 0.2, random);
    std::vector<std::unique_ptr<Projection>> made;
    int tiles = 0;
    for (auto [outputs, epilogue] : projections) {
        made.push_back(std::make_unique<Projection>(form.kind, form.type, outputs, inputs, in, neuron, epilogue, random, &residual));
        tiles += tiles_of(outputs);
    }
    Buffer<uint8_t> packed(gathered_bytes(form.element_bytes, tiles, inputs));
    Buffer<uint64_t> spikes(in.words), residual_spikes(residual.words);
    int first_tile = 0;
    SpikeMatmulArgs args{spikes.get(), packed.get(), rows, inputs, timesteps, tiles, int(made.size()), 0, {}};
    for (size_t i = 0; i < made.size(); i++) {
        made[i]->pack(device, "pack_weights_gather", packed.get(), first_tile, tiles);
        args.segment[i] = made[i]->segment(first_tile);
        first_tile += tiles_of(made[i]->outputs);
    }
    const unsigned needed = unsigned(16 * tiles + 31) / 32 * 32;  // threads at 4 outputs each
    if (norm) {
        device.launch("spike_gather_matmul", entry_of(form, true), {unsigned(rows)}, needed, gather_shared(inputs),
                      SpikeMatmulRowsArgs{spikes.get(), packed.get(), residual_spikes.get(), made[0]->spikes(), neuron, 1e-12f, rows, inputs,
                                          made[0]->outputs, timesteps, 0});
    } else {
        const unsigned threads = std::min(needed, 256u);
        device.launch("spike_gather_matmul", entry_of(form, false), {unsigned(rows), (needed + threads - 1) / threads}, threads, gather_shared(inputs), args);
    }
    for (auto& projection : made) projection->compare(what);
}
}  // namespace

void test_spike_gather_matmul(Device& device) {
    for (const Form& form : {Form{"f32", "f32", 4, F32}, Form{"f16", "f32", 2, BF16}, Form{"i8", "s32", 1, I8}}) {
        unsigned seed = 201;
        gather(device, form, 1, 1, {{1, MEMBRANE}}, 1, 1, {}, seed++);
        gather(device, form, 9, 72, {{40, REAL}, {37, MEMBRANE}, {72, MEMBRANE}}, 7, 0.1, {}, seed++);
        gather(device, form, 3, 768, {{1200, GELU_MEMBRANE}}, 4, 0.05, {1, 0.9f, 0.5f, true}, seed++);
        gather(device, form, 4, 130, {{64, MEMBRANE}}, 33, 0.02, {}, seed++);
        gather(device, form, 5, 320, {{192, NORM_MEMBRANE}}, 16, 0.05, {0.75f, 0.9f, 0.2f, true}, seed++);
        gather(device, form, 2, 3072, {{768, NORM_MEMBRANE}}, 2, 0.1, {}, seed++);
        gather(device, form, 2, 50, {{1601, NORM_MEMBRANE}}, 5, 0.3, {}, seed++);
    }
}
