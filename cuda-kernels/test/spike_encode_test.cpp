#include "operations.hpp"

namespace {
void encode(Device& device, Stored type, int rows, int width, int timesteps, NeuronCase neuron, unsigned seed) {
    const std::string what = "spike_encode type " + std::to_string(type) + " rows " + std::to_string(rows) + " width " + std::to_string(width) +
                             " T " + std::to_string(timesteps) + " seed " + std::to_string(seed);
    std::mt19937 random(seed);
    const int entries[3] = {17, 9, 2};
    std::vector<std::unique_ptr<StoredMatrix>> tables;
    std::vector<std::vector<int32_t>> ids(3, std::vector<int32_t>(rows));
    for (int i = 0; i < 3; i++) {
        tables.push_back(std::make_unique<StoredMatrix>(type, entries[i], width, random_floats(size_t(entries[i]) * width, 0, 0.5, random)));
        for (int& id : ids[i]) id = int(random() % entries[i]);
    }
    const std::vector<float> norm_weight = random_floats(width, 0.6, 0.2, random), norm_bias = random_floats(width, 0.1, 0.2, random);
    Expected expected(rows, timesteps, width, neuron);
    for (int row = 0; row < rows; row++) {
        std::vector<double> x(width), u;
        for (int j = 0; j < width; j++)
            for (int i = 0; i < 3; i++) x[j] += tables[i]->at(ids[i][row], j);
        layer_norm(x, norm_weight, norm_bias, 1e-12);
        for (int t = 0; t < timesteps; t++) expected.step(row, t, x, u);
    }
    Buffer<float> weight(norm_weight), bias(norm_bias);
    Buffer<int32_t> word(ids[0]), position(ids[1]), segment(ids[2]);
    Buffer<uint64_t> spikes(expected.spikes.words.size());
    spikes.fill(0xff);
    device.launch("spike_encode", "spike_encode_b256", {unsigned(rows)}, 256, size_t(4) * width,
                  SpikeEncodeArgs{tables[0]->arg(), tables[1]->arg(), tables[2]->arg(), weight.get(), bias.get(), word.get(), position.get(), segment.get(),
                                  spikes.get(), neuron, 1e-12f, width, timesteps, rows});
    expected.compare(spikes.read(), 2e-4, what);
}
}  // namespace

void test_spike_encode(Device& device) {
    encode(device, F32, 1, 1, 1, {}, 1);
    encode(device, F32, 7, 128, 16, {}, 2);
    encode(device, F16, 5, 40, 33, {1.3f, 0.9f, 0.65f, false}, 3);
    encode(device, BF16, 3, 129, 128, {0.75f, 1, 0, true}, 4);
    encode(device, I8, 9, 768, 7, {1, 0.8f, 0.5f, true}, 5);
}
