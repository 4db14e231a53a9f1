// spike_encode and rate_encode against float64: every element type, ragged widths; the same bits for any threads.
#include <algorithm>

#include "reference.hpp"

using namespace test;

namespace {

struct Case {
    int64_t rows, timesteps, width;
    int32_t type;
    NamedNeuron neuron;
    uint64_t seed;
    Random random;
    Stored word, position, kind;
    std::vector<float> norm_weight, norm_bias;
    std::vector<int32_t> word_ids, position_ids, type_ids;

    Case(int64_t r, int64_t t, int64_t w, int32_t element, const NamedNeuron &n, uint64_t number)
        : rows(r), timesteps(t), width(w), type(element), neuron(n), seed(number), random(number), word(random, 50, w, element, 0.5),
          position(random, 20, w, (element + 1) % 4, 0.25), kind(random, 2, w, LEANSPIKE_F32, 0.25), norm_weight(random.uniforms(w, 0.5, 1.5)),
          norm_bias(random.uniforms(w, -0.2, 0.2)) {
        for (int64_t i = 0; i < rows; ++i) {
            word_ids.push_back(static_cast<int32_t>(i == 0 ? 49 : random.below(50)));
            position_ids.push_back(static_cast<int32_t>(i % 20));
            type_ids.push_back(static_cast<int32_t>(random.below(2)));
        }
    }

    std::string label(const char *operation, int32_t variant) const {
        return text(operation, " ", name_of(variant), " rows ", rows, " timesteps ", timesteps, " width ", width, " type ", type, " neuron ", neuron.name,
                    " seed ", seed);
    }

    Currents reference() const {
        Currents currents(rows, timesteps, width);
        const leanspike_layer_norm norm = {norm_weight.data(), norm_bias.data(), 1e-12f, 0};
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t t = 0; t < timesteps; ++t) {
                const size_t at = currents.at(r, t, 0), i = static_cast<size_t>(r);
                for (int64_t j = 0; j < width; ++j) {
                    const double x = word.at(word_ids[i], j), y = position.at(position_ids[i], j), z = kind.at(type_ids[i], j);
                    currents.value[at + static_cast<size_t>(j)] = x + y + z;
                    currents.error[at + static_cast<size_t>(j)] = 2e-7 * (std::abs(x) + std::abs(y) + std::abs(z));
                }
                layer_norm(&currents.value[at], &currents.error[at], width, norm);
            }
        return currents;
    }

    template <class Args>
    Args args() const {
        Args a = {};
        a.word = word.matrix;
        a.position = position.matrix;
        a.type = kind.matrix;
        a.norm = {norm_weight.data(), norm_bias.data(), 1e-12f, 0};
        a.neuron = neuron.neuron;
        a.word_ids = word_ids.data();
        a.position_ids = position_ids.data();
        a.type_ids = type_ids.data();
        a.rows = rows;
        return a;
    }
};

void try_spikes(const Case &c, const Contexts &contexts, const Currents &currents) {
    const std::string where = c.label("spike_encode", contexts.variant);
    Spikes first(c.rows, c.timesteps, c.width);
    for (size_t i = 0; i < contexts.by_threads.size(); ++i) {
        Spikes spikes(c.rows, c.timesteps, c.width);
        spikes.soil();
        auto args = c.args<leanspike_spike_encode_args>();
        args.timesteps = static_cast<int32_t>(c.timesteps);
        args.spikes = spikes.data.data();
        expect_ok(leanspike_spike_encode(*contexts.by_threads[i], &args), where);
        if (i == 0) {
            expect_spikes(spikes, currents, c.neuron.neuron, where);
            first = spikes;
        }
        expect(spikes.data == first.data, where, "not the same bits with other threads");
    }
}

void try_rates(const Case &c, const Contexts &contexts, const Currents &currents) {
    const std::string where = c.label("rate_encode", contexts.variant);
    const double threshold = static_cast<double>(c.neuron.neuron.threshold);
    std::vector<float> first;
    for (size_t i = 0; i < contexts.by_threads.size(); ++i) {
        std::vector<float> rates(static_cast<size_t>(c.rows * c.width), NAN);
        auto args = c.args<leanspike_rate_encode_args>();
        args.rates = rates.data();
        expect_ok(leanspike_rate_encode(*contexts.by_threads[i], &args), where);
        if (i == 0) {
            first = rates;
            for (int64_t r = 0; r < c.rows; ++r)
                for (int64_t j = 0; j < c.width; ++j) {
                    const size_t at = currents.at(r, 0, j);
                    expect_near(rates[static_cast<size_t>(r * c.width + j)], std::clamp(currents.value[at] / threshold, 0.0, 1.0),
                                currents.error[at] / threshold + 1e-7, where, text("row ", r, " unit ", j));
                }
        }
        expect(rates == first, where, "not the same bits with other threads");
    }
}

} // namespace

int main() {
    uint64_t seed = 3000;
    const std::vector<NamedNeuron> every = neurons(1.0f);
    std::vector<std::unique_ptr<Contexts>> all;
    for (const int32_t variant : variants()) all.push_back(std::make_unique<Contexts>(variant));
    for (const int64_t width : {2, 5, 64, 77, 128, 191, 768})
        for (int32_t type = LEANSPIKE_F32; type <= LEANSPIKE_I8; ++type) {
            const Case c(width == 64 ? 41 : 9, width == 77 ? 64 : 5, width, type, every[static_cast<size_t>(seed % 4)], seed);
            ++seed;
            const Currents currents = c.reference();
            for (const auto &contexts : all) {
                try_spikes(c, *contexts, currents);
                try_rates(c, *contexts, currents);
            }
        }
    return finish("encode");
}
