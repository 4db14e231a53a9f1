#include "operations.hpp"

namespace {
struct Sequences {
    std::vector<int> lengths;
    double live;  // share of live keys; 0: none
};

std::vector<int32_t> offsets_of(const std::vector<int>& sizes) {
    std::vector<int32_t> offsets{0};
    for (int size : sizes) offsets.push_back(offsets.back() + size);
    return offsets;
}

// How a block is cut: tiles of 16 queries, and timesteps of a chunk.
struct Cut {
    int tiles, steps;
};

// The first cut's spikes are compared with float64, those of the others must be the same to the last bit.
void attend(Device& device, Sequences sequences, std::vector<int> key_sizes, std::vector<int> value_sizes, int timesteps, const std::vector<Cut>& cuts,
            NeuronCase neuron, double query_size, unsigned seed) {
    std::mt19937 random(seed);
    const std::vector<int32_t> rows_at = offsets_of(sequences.lengths), keys_at = offsets_of(key_sizes), values_at = offsets_of(value_sizes);
    const int rows = rows_at.back(), key_width = keys_at.back(), value_width = values_at.back(), heads = int(key_sizes.size());
    const int widest_key = *std::max_element(key_sizes.begin(), key_sizes.end()), widest_value = *std::max_element(value_sizes.begin(), value_sizes.end());
    const int longest = *std::max_element(sequences.lengths.begin(), sequences.lengths.end());
    const int head = std::max(widest_key, widest_value) <= 64 ? 64 : 128;
    const std::string entry = "spiking_attention_m16d" + std::to_string(head) + "_f32";
    const std::string what = entry + " rows " + std::to_string(rows) + " heads " + std::to_string(heads) + " key " + std::to_string(key_width) + " value " +
                             std::to_string(value_width) + " T " + std::to_string(timesteps) + " seed " + std::to_string(seed);
    const Spikes key = Spikes::random(rows, timesteps, key_width, 0.3, random), value = Spikes::random(rows, timesteps, value_width, 0.4, random);
    const std::vector<float> query = random_floats(size_t(rows) * timesteps * key_width, 0, query_size, random);
    std::vector<uint8_t> live(rows);
    for (uint8_t& alive : live) alive = double(random() % 1000) < 1000 * sequences.live;
    const float scale = 1 / std::sqrt(float(widest_key));

    Expected expected(rows, timesteps, value_width, neuron);
    for (size_t b = 0; b + 1 < rows_at.size(); b++)
        for (int row = rows_at[b]; row < rows_at[b + 1]; row++) {
            std::vector<double> u;
            bool any = false;
            for (int i = rows_at[b]; i < rows_at[b + 1]; i++) any |= live[i] != 0;
            for (int t = 0; t < timesteps; t++) {
                std::vector<double> current(value_width);
                for (int h = 0; h < heads; h++) {
                    std::vector<double> p;
                    double largest = -1e300, total = 0;
                    for (int i = rows_at[b]; i < rows_at[b + 1]; i++) {
                        double score = 0;
                        for (int c = keys_at[h]; c < keys_at[h + 1]; c++)
                            if (key.get(i, t, c)) score += query[(size_t(row) * timesteps + t) * key_width + c];
                        p.push_back(any && !live[i] ? -1e300 : score * scale);
                        largest = std::max(largest, p.back());
                    }
                    for (double& v : p) total += v = std::exp(v - largest);
                    for (size_t i = 0; i < p.size(); i++)
                        for (int c = values_at[h]; c < values_at[h + 1]; c++)
                            if (value.get(rows_at[b] + int(i), t, c)) current[c] += p[i] / total;
                }
                expected.step(row, t, current, u);
            }
        }

    Buffer<float> device_query(query);
    Buffer<uint64_t> device_key(key.words), device_value(value.words), out(expected.spikes.words.size());
    Buffer<int32_t> key_offsets(keys_at), value_offsets(values_at), row_offsets(rows_at);
    Buffer<uint8_t> device_live(live);
    bool aligned = value_width % 64 == 0;
    for (int32_t offset : values_at) aligned &= offset % 32 == 0;
    std::vector<uint64_t> first;
    for (const Cut& cut : cuts) {
        out.fill(aligned ? 0xff : 0);
        const int tokens = 16 * cut.tiles;
        device.launch("spiking_attention", entry, {unsigned((longest + tokens - 1) / tokens), unsigned(heads), unsigned(sequences.lengths.size())},
                      unsigned(32 * cut.tiles * cut.steps), attention_shared(head, longest, cut.tiles, cut.steps, timesteps),
                      SpikingAttentionArgs{device_query.get(), device_key.get(), device_value.get(), key_offsets.get(), value_offsets.get(),
                                           row_offsets.get(), sequences.live < 1 ? device_live.get() : nullptr, out.get(), neuron, scale, timesteps,
                                           key_width, value_width, cut.tiles, cut.steps});
        const std::vector<uint64_t> got = out.read();
        const std::string cut_name = what + ", " + std::to_string(cut.tiles) + " tiles x " + std::to_string(cut.steps) + " steps a block";
        if (first.empty()) {
            expected.compare(first = got, 1e-4, cut_name);
        } else if (got != first) {
            throw std::runtime_error(cut_name + ": not the spikes of the first cut");
        }
    }
}
}  // namespace

void test_spiking_attention(Device& device) {
    const NeuronCase low{0.57f, 1, 0.213f, false};
    attend(device, {{1}, 1}, {1}, {1}, 1, {{1, 1}, {1, 4}}, low, 1, 301);
    attend(device, {{5, 1, 19}, 1}, {16, 16}, {16, 16}, 4, {{2, 1}, {1, 4}, {2, 2}}, low, 1, 302);
    attend(device, {{37, 60}, 0.6}, {64, 64}, {64, 64}, 4, {{4, 1}, {1, 4}, {4, 4}, {1, 3}}, low, 1, 303);
    attend(device, {{33, 40}, 0}, {32, 32}, {32, 32}, 2, {{2, 1}, {3, 2}}, {0.43f, 0.9f, 0, true}, 2, 304);
    attend(device, {{50, 7}, 0.8}, {37, 5, 64}, {23, 60, 1}, 7, {{2, 1}, {1, 7}, {2, 3}, {1, 16}}, low, 1, 305);
    attend(device, {{20}, 0.7}, {128, 100}, {90, 128}, 3, {{1, 1}, {2, 2}, {1, 8}}, low, 1, 306);
    attend(device, {{12}, 1}, {128}, {128}, 16, {{1, 1}, {1, 8}}, low, 30000, 307);
    attend(device, {{9}, 1}, {0, 40}, {30, 34}, 33, {{1, 1}, {1, 16}, {2, 8}}, low, 1, 308);
    attend(device, {{512}, 0.9}, {64}, {64}, 1, {{8, 1}}, low, 1, 309);
    attend(device, {{3}, 1}, {24}, {24}, 128, {{1, 1}, {1, 16}}, low, 1e-30, 310);
    attend(device, {{170, 1, 64}, 0.9}, {64}, {64}, 5, {{8, 2}, {1, 2}, {2, 5}}, {0.57f, 0.8f, 0.1f, false}, 3, 311);
    attend(device, {{40}, 0.5}, {64}, {64}, 2, {{1, 2}, {2, 1}}, low, 1e-42, 312);
}
