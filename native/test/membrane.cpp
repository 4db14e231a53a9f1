// membrane_update (exact in float32), spike_retime, spike_count, synapse_count and classifier_head: every variant, ragged widths.
#include "reference.hpp"

using namespace test;

namespace {

// The neuron in float32, operation by operation: what every variant must equal bit for bit.
bool step(float &u, float current, const leanspike_neuron &n) {
    volatile float sum = u + current;
    const bool spike = sum >= n.threshold;
    volatile float left = n.reset == LEANSPIKE_RESET_SOFT ? (spike ? sum - n.threshold : sum) : sum;
    volatile float next = n.leak * left;
    u = n.reset == LEANSPIKE_RESET_HARD && spike ? 0.0f : next;
    return spike;
}

void try_membrane_update(const Contexts &contexts, int64_t rows, int64_t timesteps, int64_t width, const NamedNeuron &neuron, uint64_t seed) {
    const std::string where = text("membrane_update ", name_of(contexts.variant), " rows ", rows, " timesteps ", timesteps, " width ", width, " neuron ",
                                   neuron.name, " seed ", seed);
    Random random(seed);
    std::vector<float> current = random.uniforms(rows * timesteps * width, -0.5, 1);
    for (size_t i = 0; i < current.size(); i += 7) current[i] = neuron.neuron.threshold; // lands on the threshold exactly
    Spikes want(rows, timesteps, width);
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t j = 0; j < width; ++j) {
            float u = neuron.neuron.initial_potential;
            for (int64_t t = 0; t < timesteps; ++t)
                if (step(u, current[static_cast<size_t>((r * timesteps + t) * width + j)], neuron.neuron))
                    want.row(r, t)[j / 64] |= uint64_t{1} << (j % 64);
        }
    for (const auto &context : contexts.by_threads) {
        Spikes spikes(rows, timesteps, width);
        spikes.soil();
        leanspike_membrane_update_args args = {};
        args.current = current.data();
        args.neuron = neuron.neuron;
        args.rows = rows;
        args.width = width;
        args.timesteps = static_cast<int32_t>(timesteps);
        args.spikes = spikes.data.data();
        expect_ok(leanspike_membrane_update(*context, &args), where);
        expect(spikes.data == want.data, where, "spikes differ from the float32 neuron");
    }
}

void try_spike_retime(const Contexts &contexts, int64_t rows, int64_t from, int64_t to, int64_t width, uint64_t seed) {
    const std::string where = text("spike_retime ", name_of(contexts.variant), " rows ", rows, " from ", from, " to ", to, " width ", width, " seed ", seed);
    Random random(seed);
    const Spikes input = Spikes::random(random, rows, from, width, random.unit());
    for (const auto &context : contexts.by_threads) {
        Spikes spikes(rows, to, width);
        spikes.soil();
        leanspike_spike_retime_args args = {};
        args.input = input.data.data();
        args.rows = rows;
        args.width = width;
        args.from_timesteps = static_cast<int32_t>(from);
        args.timesteps = static_cast<int32_t>(to);
        args.spikes = spikes.data.data();
        expect_ok(leanspike_spike_retime(*context, &args), where);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t j = 0; j < width; ++j) {
                int64_t count = 0;
                for (int64_t t = 0; t < from; ++t) count += input.get(r, t, j) ? 1 : 0;
                // After t + 1 steps: the rate's share of them, rounded, halves up. So at the end the count is kept.
                int64_t before = 0;
                for (int64_t t = 0; t < to; ++t) {
                    const int64_t after = (2 * count * (t + 1) + from) / (2 * from);
                    expect(spikes.get(r, t, j) == (after > before), where, text("row ", r, " timestep ", t, " unit ", j));
                    before = after;
                }
            }
        if (width % 64 != 0)
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t t = 0; t < to; ++t) expect(spikes.row(r, t)[words(width) - 1] >> (width % 64) == 0, where, "bits beyond the width");
    }
}

void try_spike_count(const Contexts &contexts, const std::vector<int32_t> &row_offsets, int64_t timesteps, int64_t width, uint64_t seed) {
    const int64_t rows = row_offsets.back();
    const std::string where = text("spike_count ", name_of(contexts.variant), " rows ", rows, " timesteps ", timesteps, " width ", width, " seed ", seed);
    Random random(seed);
    const Spikes spikes = Spikes::random(random, rows, timesteps, width, 0.3);
    std::vector<int32_t> want(static_cast<size_t>(rows * width));
    std::vector<int64_t> want_totals(row_offsets.size() - 1);
    for (size_t b = 0; b + 1 < row_offsets.size(); ++b)
        for (int64_t r = row_offsets[b]; r < row_offsets[b + 1]; ++r)
            for (int64_t t = 0; t < timesteps; ++t)
                for (int64_t j = 0; j < width; ++j)
                    if (spikes.get(r, t, j)) {
                        ++want[static_cast<size_t>(r * width + j)];
                        ++want_totals[b];
                    }
    for (const auto &context : contexts.by_threads)
        for (const int outputs : {1, 2, 3}) {
            std::vector<int32_t> counts(want.size(), -1);
            std::vector<int64_t> totals(want_totals.size(), -1);
            leanspike_spike_count_args args = {};
            args.spikes = spikes.data.data();
            args.rows = rows;
            args.width = width;
            args.timesteps = static_cast<int32_t>(timesteps);
            args.sequences = static_cast<int32_t>(totals.size());
            args.row_offsets = (outputs & 2) != 0 ? row_offsets.data() : nullptr;
            args.counts = (outputs & 1) != 0 ? counts.data() : nullptr;
            args.totals = (outputs & 2) != 0 ? totals.data() : nullptr;
            expect_ok(leanspike_spike_count(*context, &args), where);
            expect((outputs & 1) == 0 || counts == want, where, "counts differ");
            expect((outputs & 2) == 0 || totals == want_totals, where, "totals differ");
        }
}

void try_synapse_count(const Contexts &contexts, const std::vector<int32_t> &row_offsets, int64_t timesteps, int64_t width, int32_t planes, uint64_t seed) {
    const int64_t rows = row_offsets.back();
    const std::string where = text("synapse_count ", name_of(contexts.variant), " rows ", rows, " timesteps ", timesteps, " width ", width, " planes ", planes, " seed ", seed);
    Random random(seed);
    const Spikes spikes = Spikes::random(random, rows, timesteps, width, 0.3);
    const int64_t least = static_cast<int64_t>(random.unit() * 1000);
    std::vector<uint64_t> room(static_cast<size_t>(words(width) * planes + 8));
    uint64_t *bits = room.data();
    while (reinterpret_cast<uintptr_t>(bits) % 64 != 0) ++bits;
    std::vector<int64_t> live(static_cast<size_t>(width), least);
    for (int64_t j = 0; j < width; ++j)
        for (int p = 0; p < planes; ++p)
            if (random.unit() < 0.5) {
                bits[j / 64 * planes + p] |= uint64_t{1} << (j % 64);
                live[static_cast<size_t>(j)] += int64_t{1} << p;
            }
    std::vector<int64_t> want(row_offsets.size() - 1);
    for (size_t b = 0; b + 1 < row_offsets.size(); ++b)
        for (int64_t r = row_offsets[b]; r < row_offsets[b + 1]; ++r)
            for (int64_t t = 0; t < timesteps; ++t)
                for (int64_t j = 0; j < width; ++j) want[b] += spikes.get(r, t, j) ? live[static_cast<size_t>(j)] : 0;
    for (const auto &context : contexts.by_threads) {
        std::vector<int64_t> totals(want.size(), -1);
        leanspike_synapse_count_args args = {};
        args.spikes = spikes.data.data();
        args.planes = bits;
        args.row_offsets = row_offsets.data();
        args.least = least;
        args.rows = rows;
        args.width = width;
        args.timesteps = static_cast<int32_t>(timesteps);
        args.sequences = static_cast<int32_t>(totals.size());
        args.plane_count = planes;
        args.totals = totals.data();
        expect_ok(leanspike_synapse_count(*context, &args), where);
        expect(totals == want, where, "totals differ");
    }
}

void try_classifier_head(const Contexts &contexts, const std::vector<int32_t> &row_offsets, int64_t timesteps, int64_t width, int32_t labels, uint64_t seed) {
    const int64_t rows = row_offsets.back();
    const int32_t sequences = static_cast<int32_t>(row_offsets.size()) - 1;
    const std::string where = text("classifier_head ", name_of(contexts.variant), " rows ", rows, " width ", width, " labels ", labels, " seed ", seed);
    Random random(seed);
    const Spikes spikes = Spikes::random(random, rows, timesteps, width, 0.3);
    const std::vector<float> rates = random.uniforms(rows * width, -0.2, 1), weight = random.uniforms(labels * width, -1, 1), bias = random.uniforms(labels, -1, 1);
    for (const bool from_rates : {false, true})
        for (const auto &context : contexts.by_threads) {
            std::vector<double> logits(static_cast<size_t>(sequences * labels));
            leanspike_classifier_head_args args = {};
            args.spikes = from_rates ? nullptr : spikes.data.data();
            args.rates = from_rates ? rates.data() : nullptr;
            args.row_offsets = row_offsets.data();
            args.weight = weight.data();
            args.bias = bias.data();
            args.width = width;
            args.timesteps = static_cast<int32_t>(timesteps);
            args.sequences = sequences;
            args.labels = labels;
            args.logits = logits.data();
            expect_ok(leanspike_classifier_head(*context, &args), where);
            for (int32_t b = 0; b < sequences; ++b)
                for (int32_t label = 0; label < labels; ++label) {
                    const int64_t row = row_offsets[static_cast<size_t>(b)];
                    double want = static_cast<double>(bias[static_cast<size_t>(label)]);
                    for (int64_t j = 0; j < width; ++j) {
                        double rate = 0;
                        if (from_rates)
                            rate = std::max(0.0, static_cast<double>(rates[static_cast<size_t>(row * width + j)]));
                        else
                            for (int64_t t = 0; t < timesteps; ++t) rate += (spikes.get(row, t, j) ? 1.0 : 0.0) / static_cast<double>(timesteps);
                        want += static_cast<double>(weight[static_cast<size_t>(label * width + j)]) * rate;
                    }
                    const double got = logits[static_cast<size_t>(b * labels + label)];
                    expect(std::abs(got - want) < 1e-12 * static_cast<double>(width + 1), where, text("logit is ", got, ", must be ", want));
                }
        }
}

} // namespace

int main() {
    uint64_t seed = 4000;
    for (const int32_t variant : variants()) {
        const Contexts contexts(variant);
        for (const int64_t width : {1, 3, 15, 17, 63, 64, 65, 130, 768})
            for (const NamedNeuron &neuron : neurons(0.6f)) try_membrane_update(contexts, width < 64 ? 40 : 5, width == 17 ? 128 : 6, width, neuron, seed++);
        for (const int64_t from : {1, 2, 3, 16, 300})
            for (const int64_t to : {1, 2, 5, 16}) try_spike_retime(contexts, 19, from, to, from == 16 ? 130 : 17, seed++);
        try_spike_count(contexts, {0, 1}, 1, 1, seed++);
        try_spike_count(contexts, {0, 5, 5, 40}, 16, 100, seed++);
        try_spike_count(contexts, {0, 2}, 300, 65, seed++);
        try_spike_count(contexts, {0, 3, 7}, 4, 768, seed++);
        try_synapse_count(contexts, {0, 1}, 1, 1, 8, seed++);
        try_synapse_count(contexts, {0, 5, 5, 40}, 16, 100, 16, seed++);
        try_synapse_count(contexts, {0, 3, 7}, 4, 768, 24, seed++);
        try_synapse_count(contexts, {0, 2}, 3, 65, 32, seed++);
        try_classifier_head(contexts, {0, 1}, 1, 1, 1, seed++);
        try_classifier_head(contexts, {0, 5, 6, 30}, 16, 100, 3, seed++);
        try_classifier_head(contexts, {0, 2, 4}, 4, 768, 2, seed++);
    }
    return finish("membrane");
}
