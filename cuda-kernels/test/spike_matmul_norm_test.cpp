#include "product.hpp"

namespace {
// How a product whose blocks own whole rows is cut: (token, timestep) rows of a block, and timesteps of a token among them.
struct Cut {
    int block_rows, steps;
};

// Its potentials stay within 0 .. 32 for a while and every difference between two of them doubles at each timestep: after 30 of them two
// currents that differ in the last bit have made different spikes. Such spikes cannot be compared with float64, only with each other.
const NeuronCase DOUBLING{16, 2, 9.7f, false};
constexpr int DOUBLING_TIMESTEPS = 40;

// The spikes of the first launch are compared with float64, those of the others must be the same to the last bit.
class SameSpikes {
public:
    SameSpikes(Projection& projection, NeuronCase neuron) : projection_(projection), like_float64_(neuron.leak <= 1) {}
    void check(const std::string& what) {
        const std::vector<uint64_t> got = projection_.read_spikes();
        if (first_.empty()) {
            if (like_float64_) projection_.compare(what);
            first_ = got;
        }
        for (size_t i = 0; i < got.size(); i++)
            if (got[i] != first_[i]) throw std::runtime_error(what + ": word " + std::to_string(i) + " is not the first launch's");
        projection_.forget_spikes();
    }

private:
    Projection& projection_;
    bool like_float64_;
    std::vector<uint64_t> first_;
};

// Random spikes, residual and packed weights of a product that a LayerNorm follows.
struct Product {
    std::mt19937 random;
    Spikes in, residual;
    Projection projection;
    int tiles;
    Buffer<uint8_t> packed;
    Buffer<uint64_t> spikes, residual_spikes;

    Product(Device& device, const Kind& kind, Stored type, int rows, int inputs, int outputs, int timesteps, NeuronCase neuron,
            unsigned seed)
        : random(seed), in(Spikes::random(rows, timesteps, inputs, 0.25, random)),
          residual(Spikes::random(rows, timesteps, outputs, 0.2, random)),
          projection(kind.name, type, outputs, inputs, in, neuron, NORM_MEMBRANE, random, &residual), tiles(tiles_of(outputs)),
          packed(packed_bytes(kind, tiles, inputs)), spikes(in.words), residual_spikes(residual.words) {
        projection.pack(device, "pack_weights", packed.get(), 0, tiles);
    }
};

// A product whose blocks own whole rows, cut in several ways.
void multiply(Device& device, const Kind& kind, Stored type, int rows, int inputs, int outputs, int timesteps,
              const std::vector<Cut>& cuts, NeuronCase neuron, unsigned seed) {
    Product of(device, kind, type, rows, inputs, outputs, timesteps, neuron, seed);
    SameSpikes same(of.projection, neuron);
    for (const Cut& cut : cuts) {
        const TileLaunch rule = rows_launch(kind, cut.block_rows, cut.steps, timesteps, inputs, outputs);
        device.launch(std::string("spike_matmul_") + kind.name, rule.entry, {unsigned((rows + rule.tokens - 1) / rule.tokens)},
                      rule.threads, rule.shared,
                      SpikeMatmulRowsArgs{of.spikes.get(), of.packed.get(), of.residual_spikes.get(), of.projection.spikes(),
                                          of.projection.neuron(), 1e-12f, rows, inputs, outputs, timesteps, cut.steps});
        same.check(rule.entry + " rows " + std::to_string(rows) + " inputs " + std::to_string(inputs) + " outputs " +
                   std::to_string(outputs) + " T " + std::to_string(timesteps) + " by " + std::to_string(cut.steps) + " seed " +
                   std::to_string(seed));
    }
}

// Every cut that the product fits.
std::vector<Cut> all_cuts(const Device& device, const Kind& kind, int inputs, int outputs, int timesteps) {
    std::vector<Cut> cuts;
    for (int block_rows : {16, 32})
        for (int steps : {1, 2, 4, 8, 16})
            if (outputs <= (block_rows == 32 ? 768 : 1024) &&
                rows_launch(kind, block_rows, steps, timesteps, inputs, outputs).shared <= device.shared_limit)
                cuts.push_back({block_rows, steps});
    return cuts;
}

// The same in two launches: the tiles of the product, for which a token at a timestep is a row, then the LayerNorm, by blocks of several
// numbers of warps: a timestep of a token each.
void multiply_split(Device& device, const Kind& kind, Stored type, int rows, int inputs, int outputs, int timesteps,
                    const std::vector<int>& warps_of_blocks, NeuronCase neuron, unsigned seed) {
    const TileLaunch rule = tile_launch(kind, 1, 2, inputs, false);
    Product of(device, kind, type, rows, inputs, outputs, timesteps, neuron, seed);
    SpikeMatmulArgs args{of.spikes.get(), of.packed.get(), rows * timesteps, inputs, 1, of.tiles, 1, 0, {}};
    args.segment[0] = of.projection.real_segment();
    device.launch(std::string("spike_matmul_") + kind.name, rule.entry,
                  {unsigned((rows * timesteps + rule.tokens - 1) / rule.tokens), unsigned(of.tiles)}, rule.threads, rule.shared, args);
    SameSpikes same(of.projection, neuron);
    for (int warps : warps_of_blocks) {
        device.launch("norm_membrane", "norm_membrane_b256", {unsigned(rows)}, 32 * warps,
                      size_t(warps + 1) * 64 * of.tiles * sizeof(float),
                      NormMembraneArgs{of.projection.real(), of.residual_spikes.get(), of.projection.norm_weight(),
                                       of.projection.norm_bias(), of.projection.spikes(), of.projection.neuron(), 1e-12f,
                                       outputs, timesteps, 0});
        same.check(rule.entry + ", norm_membrane_b256 rows " + std::to_string(rows) + " inputs " + std::to_string(inputs) + " outputs " +
                   std::to_string(outputs) + " T " + std::to_string(timesteps) + " warps " + std::to_string(warps) + " seed " +
                   std::to_string(seed));
    }
}
}  // namespace

void test_spike_matmul_norm(Device& device) {
    for (const Kind& kind : KINDS) {
        const std::string name = kind.name;
        const Stored type = name == "f16" ? F16 : name == "i8" ? I8 : F32;
        unsigned seed = 101;
        multiply_split(device, kind, type, 1, 3, 2, 1, {1}, {}, seed++);
        multiply_split(device, kind, type, 17, 80, 48, 4, {4}, {}, seed++);
        multiply_split(device, kind, type, 37, 512, 128, 2, {2}, {1, 1, 0.5f, false}, seed++);
        multiply_split(device, kind, type, 5, 320, 192, 16, {8, 1, 3}, {0.75f, 0.9f, 0.2f, true}, seed++);
        multiply_split(device, kind, type, 18, 65, 41, 7, {3, 1, 8}, {}, seed++);
        multiply_split(device, kind, type, 2, 130, 1000, 33, {8}, {1.3f, 0.9f, 0, false}, seed++);
        multiply_split(device, kind, type, 33, 257, 98, 1, {8}, {1, 1, 0.5f, false}, seed++);
        multiply_split(device, kind, type, 3, 3072, 768, 2, {2}, {}, seed++);
        multiply_split(device, kind, type, 2, 64, 2100, 5, {4}, {0.7f, 1, 0, true}, seed++);
        multiply_split(device, kind, type, 3, 64, 31, 128, {8}, {1.1f, 0.97f, 0.5f, false}, seed++);
        multiply_split(device, kind, type, 5, 200, 330, DOUBLING_TIMESTEPS, {1, 3, 8}, DOUBLING, seed++);
        if (name != "ternary" && name != "binary") continue;
        multiply(device, kind, type, 1, 3, 2, 1, {{16, 1}}, {}, seed++);
        multiply(device, kind, type, 17, 80, 48, 4, {{32, 4}}, {}, seed++);
        multiply(device, kind, type, 37, 512, 128, 2, {{32, 2}}, {1, 1, 0.5f, false}, seed++);
        multiply(device, kind, type, 5, 320, 192, 16, {{32, 16}}, {0.75f, 0.9f, 0.2f, true}, seed++);
        multiply(device, kind, type, 18, 65, 40, 7, {{16, 4}}, {}, seed++);
        multiply(device, kind, type, 2, 96, 129, 33, {{32, 16}}, {1.3f, 0.9f, 0, false}, seed++);
        multiply(device, kind, type, 3, 3072, 768, 2, {{32, 2}}, {}, seed++);
        multiply(device, kind, type, 2, 130, 1000, 3, {{16, 2}}, {}, seed++);
        multiply(device, kind, type, 33, 257, 100, 1, {{32, 1}}, {1, 1, 0.5f, false}, seed++);
        multiply(device, kind, type, 9, 200, 65, 3, {{32, 4}}, {0.8f, 0.95f, 0.4f, true}, seed++);
        multiply(device, kind, type, 6, 704, 330, 8, {{32, 8}}, {1, 1, 0.5f, false}, seed++);
        multiply(device, kind, type, 11, 129, 768, 5, {{32, 2}}, {0.9f, 0.9f, 0.5f, false}, seed++);
        multiply(device, kind, type, 3, 64, 31, 128, {{32, 8}}, {1.1f, 0.97f, 0.5f, false}, seed++);
        multiply(device, kind, type, 1, 100, 64, 128, {{16, 16}}, {1, 1, 0.5f, false}, seed++);
        multiply(device, kind, type, 3, 190, 897, 16, {{16, 16}}, {0.7f, 1, 0, true}, seed++);
        multiply(device, kind, type, 5, 1024, 1024, 8, {{16, 8}}, {1, 1, 0.5f, false}, seed++);
        // Batches of all sizes give the same: how large a batch is decides how its products are cut.
        const auto multiply_in_all_cuts = [&](int rows, int inputs, int outputs, int timesteps, NeuronCase neuron) {
            const std::vector<Cut> cuts = all_cuts(device, kind, inputs, outputs, timesteps);
            multiply(device, kind, type, rows, inputs, outputs, timesteps, cuts, neuron, seed++);
        };
        multiply_in_all_cuts(35, 320, 200, 16, {0.75f, 0.9f, 0.2f, true});
        multiply_in_all_cuts(5, 769, 768, 5, {1, 1, 0.5f, false});
        multiply_in_all_cuts(3, 64, 1000, 7, {1.3f, 0.9f, 0, false});
        multiply_in_all_cuts(19, 200, 330, DOUBLING_TIMESTEPS, DOUBLING);
    }
}
