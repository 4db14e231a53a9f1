// spiking_attention and rate_attention against float64: irregular heads, ragged batches, masks; the same bits for any threads and batch.
#include <algorithm>

#include "reference.hpp"

using namespace test;

namespace {

struct Shape {
    std::vector<int32_t> lengths, key_dims, value_dims;
    int32_t timesteps;
    bool masked;
};

std::vector<int32_t> offsets_of(const std::vector<int32_t> &sizes) {
    std::vector<int32_t> offsets = {0};
    for (const int32_t size : sizes) offsets.push_back(offsets.back() + size);
    return offsets;
}

struct Case {
    Shape shape;
    NamedNeuron neuron;
    uint64_t seed;
    bool rates; // rate_attention in place of spiking_attention
    std::vector<int32_t> rows, keys, values;
    int64_t timesteps;
    Random random;
    std::vector<float> query, key_rates, value_rates;
    Spikes key, value;
    std::vector<uint8_t> live;
    float scale;

    Case(const Shape &s, const NamedNeuron &n, bool real, uint64_t number)
        : shape(s), neuron(n), seed(number), rates(real), rows(offsets_of(s.lengths)), keys(offsets_of(s.key_dims)), values(offsets_of(s.value_dims)),
          timesteps(real ? 1 : s.timesteps), random(number), query(random.uniforms(rows.back() * timesteps * keys.back(), -2, 2)),
          key_rates(random.uniforms(rows.back() * keys.back(), 0, 1)), value_rates(random.uniforms(rows.back() * values.back(), 0, 1)),
          key(Spikes::random(random, rows.back(), timesteps, keys.back(), 0.25)),
          value(Spikes::random(random, rows.back(), timesteps, values.back(), 0.45)), live(static_cast<size_t>(rows.back()), 1),
          scale(static_cast<float>(1 / std::sqrt(std::max(1.0, static_cast<double>(s.key_dims[0]))))) {
        if (shape.masked)
            for (size_t b = 0; b < shape.lengths.size(); ++b)
                for (int32_t r = rows[b]; r < rows[b + 1]; ++r) // the second sequence is all dead
                    live[static_cast<size_t>(r)] = b == 1 ? 0 : static_cast<uint8_t>(random.unit() < 0.7);
    }

    std::string label(int32_t variant) const {
        return text(rates ? "rate_attention " : "spiking_attention ", name_of(variant), " sequences ", shape.lengths.size(), " first of ", shape.lengths[0],
                    " heads ", shape.key_dims.size(), " first of ", shape.key_dims[0], "/", shape.value_dims[0], " timesteps ", timesteps, " masked ",
                    shape.masked, " neuron ", neuron.name, " seed ", seed);
    }

    double key_at(int64_t row, int64_t t, int64_t j) const {
        return rates ? static_cast<double>(key_rates[static_cast<size_t>(row * keys.back() + j)]) : key.get(row, t, j) ? 1.0 : 0.0;
    }
    double value_at(int64_t row, int64_t t, int64_t j) const {
        return rates ? static_cast<double>(value_rates[static_cast<size_t>(row * values.back() + j)]) : value.get(row, t, j) ? 1.0 : 0.0;
    }

    Currents reference() const {
        Currents currents(rows.back(), timesteps, values.back());
        std::vector<double> weight;
        for (size_t b = 0; b < shape.lengths.size(); ++b) {
            std::vector<int32_t> attended;
            for (int32_t r = rows[b]; r < rows[b + 1]; ++r)
                if (live[static_cast<size_t>(r)] != 0) attended.push_back(r);
            if (attended.empty())
                for (int32_t r = rows[b]; r < rows[b + 1]; ++r) attended.push_back(r);
            for (size_t h = 0; h < shape.key_dims.size(); ++h)
                for (int32_t row = rows[b]; row < rows[b + 1]; ++row)
                    for (int64_t t = 0; t < timesteps; ++t) {
                        weight.clear();
                        double sum = 0, peak = -1e300, magnitude = 0;
                        for (const int32_t other : attended) {
                            double score = 0, terms = 0;
                            for (int32_t j = keys[h]; j < keys[h + 1]; ++j) {
                                const double q = static_cast<double>(query[static_cast<size_t>((row * timesteps + t) * keys.back() + j)]) * key_at(other, t, j);
                                score += q;
                                terms += std::abs(q);
                            }
                            weight.push_back(score * static_cast<double>(scale));
                            peak = std::max(peak, weight.back());
                            magnitude = std::max(magnitude, terms * static_cast<double>(scale));
                        }
                        for (double &w : weight) sum += w = std::exp(w - peak);
                        for (int32_t j = values[h]; j < values[h + 1]; ++j) {
                            double context = 0;
                            for (size_t i = 0; i < attended.size(); ++i) context += weight[i] / sum * value_at(attended[i], t, j);
                            currents.value[currents.at(row, t, j)] = context;
                            currents.error[currents.at(row, t, j)] = rounding(1) * (1 + magnitude);
                        }
                    }
        }
        return currents;
    }

    // Sequences first .. first + count - 1 as a call of their own.
    void run(leanspike_context *context, size_t first, size_t count, Spikes &spikes, std::vector<float> &real) const {
        std::vector<int32_t> part;
        for (size_t b = first; b <= first + count; ++b) part.push_back(rows[b] - rows[first]);
        const int64_t row = rows[first];
        const uint8_t *alive = shape.masked ? live.data() + row : nullptr;
        if (rates) {
            leanspike_rate_attention_args args = {};
            args.query = query.data() + row * keys.back();
            args.key = key_rates.data() + row * keys.back();
            args.value = value_rates.data() + row * values.back();
            args.key_offsets = keys.data();
            args.value_offsets = values.data();
            args.row_offsets = part.data();
            args.live = alive;
            args.neuron = neuron.neuron;
            args.rows = part.back();
            args.sequences = static_cast<int32_t>(count);
            args.heads = static_cast<int32_t>(shape.key_dims.size());
            args.scale = scale;
            args.rates = real.data() + row * values.back();
            expect_ok(leanspike_rate_attention(context, &args), "rate_attention");
            return;
        }
        leanspike_spiking_attention_args args = {};
        args.query = query.data() + row * timesteps * keys.back();
        args.key = key.row(row, 0);
        args.value = value.row(row, 0);
        args.key_offsets = keys.data();
        args.value_offsets = values.data();
        args.row_offsets = part.data();
        args.live = alive;
        args.neuron = neuron.neuron;
        args.rows = part.back();
        args.sequences = static_cast<int32_t>(count);
        args.heads = static_cast<int32_t>(shape.key_dims.size());
        args.timesteps = static_cast<int32_t>(timesteps);
        args.scale = scale;
        args.spikes = spikes.row(row, 0);
        expect_ok(leanspike_spiking_attention(context, &args), "spiking_attention");
    }
};

void expect_rates(const Case &c, const Currents &currents, const std::vector<float> &real, const std::string &where) {
    const double threshold = static_cast<double>(c.neuron.neuron.threshold);
    for (size_t i = 0; i < real.size(); ++i)
        expect_near(real[i], std::clamp(currents.value[i] / threshold, 0.0, 1.0), currents.error[i] / threshold + 1e-7, where, text("rate ", i));
}

void try_case(const Case &c, const std::vector<std::unique_ptr<Contexts>> &all) {
    const Currents currents = c.reference();
    for (const auto &contexts : all) {
        const std::string where = c.label(contexts->variant);
        Spikes spikes(c.rows.back(), c.timesteps, c.values.back());
        std::vector<float> real(c.rates ? currents.value.size() : 0);
        spikes.soil();
        c.run(contexts->one(), 0, c.shape.lengths.size(), spikes, real);
        if (c.rates)
            expect_rates(c, currents, real, where);
        else
            expect_spikes(spikes, currents, c.neuron.neuron, where);
        const auto same = [&](const Spikes &others, const std::vector<float> &other_real, const std::string &how) {
            expect(c.rates ? other_real == real : others.data == spikes.data, where, "not the same bits with " + how);
        };
        for (const auto &context : contexts->by_threads) {
            Spikes others(c.rows.back(), c.timesteps, c.values.back());
            std::vector<float> other_real(real.size());
            others.soil();
            c.run(*context, 0, c.shape.lengths.size(), others, other_real);
            same(others, other_real, "other threads");
        }
        Spikes others(c.rows.back(), c.timesteps, c.values.back());
        std::vector<float> other_real(real.size());
        for (size_t b = 0; b < c.shape.lengths.size(); ++b)
            if (c.shape.lengths[b] > 0) c.run(*contexts->by_threads[1], b, 1, others, other_real);
        same(others, other_real, "each sequence alone");
    }
}

} // namespace

int main() {
    std::vector<std::unique_ptr<Contexts>> all;
    for (const int32_t variant : variants()) all.push_back(std::make_unique<Contexts>(variant));
    const Shape shapes[] = {
        {{1}, {1}, {1}, 1, false},
        {{3, 2}, {5, 3}, {4, 9}, 2, true},
        {{17, 1, 9}, {64, 64}, {64, 64}, 4, true},
        {{40, 5}, {32, 32, 32}, {32, 32, 32}, 3, false},
        {{65}, {13, 70, 1}, {66, 1, 130}, 2, false},
        {{70, 33, 0, 64}, {12, 0, 20}, {7, 9, 0}, 3, true},
        {{2, 8}, {24, 40}, {33, 31}, 128, true},
        {{150, 20}, {31}, {65}, 2, true},
        {{300}, {16}, {12}, 2, false},
        {{48}, {64}, {64}, 2, false},
        {{30}, {200}, {17}, 2, false},
    };
    uint64_t seed = 2000;
    for (const Shape &shape : shapes)
        for (const bool rates : {false, true}) {
            const std::vector<NamedNeuron> every = neurons(0.5f);
            try_case(Case(shape, every[static_cast<size_t>(seed / 2 % every.size())], rates, seed), all);
            ++seed;
        }
    return finish("attention");
}
