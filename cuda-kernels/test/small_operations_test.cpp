// membrane_update, spike_count, synapse_count and classifier_head.
#include "operations.hpp"

void test_membrane_update(Device& device) {
    struct Case {
        int rows, width, timesteps;
        NeuronCase neuron;
    };
    unsigned seed = 401;
    for (const Case& c : {Case{1, 1, 1, {}}, Case{5, 40, 16, {1.3f, 0.9f, 0.65f, false}}, Case{3, 129, 128, {0.75f, 1, 0, true}},
                          Case{7, 96, 33, {1, 0.8f, 0.5f, true}}, Case{2, 768, 4, {}}}) {
        std::mt19937 random(seed++);
        const std::vector<float> current = random_floats(size_t(c.rows) * c.timesteps * c.width, 0.3, 0.5, random);
        Expected expected(c.rows, c.timesteps, c.width, c.neuron);
        for (int row = 0; row < c.rows; row++) {
            std::vector<double> u;
            for (int t = 0; t < c.timesteps; t++) {
                const float* from = current.data() + (size_t(row) * c.timesteps + t) * c.width;
                expected.step(row, t, std::vector<double>(from, from + c.width), u);
            }
        }
        Buffer<float> device_current(current);
        Buffer<uint64_t> spikes(expected.spikes.words.size());
        spikes.fill(0xff);
        device.launch("membrane_update", "membrane_update_b128", {unsigned(c.rows * words_of(c.width) + 3) / 4}, 128, 0,
                      MembraneUpdateArgs{device_current.get(), spikes.get(), c.neuron, c.rows, c.width, c.timesteps, 0});
        expected.compare(spikes.read(), 1e-5, "membrane_update width " + std::to_string(c.width) + " T " + std::to_string(c.timesteps));
    }
}

// Sequences of very different length: most of the longest one's slices are empty in the others, and one has no rows at all.
const std::vector<int32_t> ragged_offsets = {0, 1, 8, 8, 21, 400};
constexpr int ragged_sequences = 5, ragged_rows = 400, ragged_longest = 379;

// Adds the populations up in slices of one round, of several and in one slice, into totals that are zeroed once: each launch adds the same.
template <class Args>
void check_totals(Device& device, const std::string& operation, const std::string& entry, unsigned threads, Args& args, size_t shared,
                  const std::vector<int64_t>& words_per_row, const std::vector<int64_t>& words_per_round, const std::vector<std::vector<int64_t>>& expected) {
    Buffer<int32_t> offsets(ragged_offsets);
    args.row_offsets = offsets.get();
    std::vector<std::unique_ptr<Buffer<int64_t>>> totals;
    for (size_t p = 0; p < expected.size(); p++) {
        totals.push_back(std::make_unique<Buffer<int64_t>>(ragged_sequences));
        totals.back()->fill(0);
        args.population[p].totals = totals.back()->get();
    }
    int launches = 0;
    for (int rounds : {1, 3, 1000}) {
        int64_t slices = 1;
        for (size_t p = 0; p < expected.size(); p++) {
            const int64_t slice_words = words_per_round[p] * rounds;
            slices = std::max(slices, (ragged_longest * words_per_row[p] + slice_words - 1) / slice_words);
        }
        if ((slices > 1) != (rounds < 1000)) throw std::runtime_error(std::to_string(slices) + " slices of " + std::to_string(rounds) + " rounds");
        args.rounds = rounds;
        device.launch(operation, entry, {unsigned(slices), unsigned(expected.size()), ragged_sequences}, threads, shared, args);
        launches++;
        for (size_t p = 0; p < expected.size(); p++) {
            const std::vector<int64_t> got = totals[p]->read();
            for (int b = 0; b < ragged_sequences; b++)
                if (got[b] != launches * expected[p][b])
                    throw std::runtime_error("total of sequence " + std::to_string(b) + " of population " + std::to_string(p) + " in slices of " +
                                             std::to_string(rounds) + " rounds");
        }
    }
}

void test_spike_count(Device& device) {
    std::mt19937 random(411);
    const int timesteps = 17;
    SpikeTotalsArgs args{};
    std::vector<std::unique_ptr<Buffer<uint64_t>>> populations;
    std::vector<int64_t> words_per_row, words_per_round;
    std::vector<std::vector<int64_t>> expected;
    for (int width : {1, 72, 129}) {
        const Spikes spikes = Spikes::random(ragged_rows, timesteps, width, 0.2, random);
        populations.push_back(std::make_unique<Buffer<uint64_t>>(spikes.words));
        Buffer<int32_t> counts(size_t(ragged_rows) * width);
        counts.fill(0xff);
        device.launch("spike_count", "spike_count_units_b128", {unsigned(ragged_rows * words_of(width) + 3) / 4}, 128, 0,
                      SpikeCountsArgs{populations.back()->get(), counts.get(), ragged_rows, width, timesteps, 0});
        const std::vector<int32_t> got = counts.read();
        expected.emplace_back(ragged_sequences);
        for (int b = 0; b < ragged_sequences; b++)
            for (int row = ragged_offsets[b]; row < ragged_offsets[b + 1]; row++)
                for (int j = 0; j < width; j++) {
                    int count = 0;
                    for (int t = 0; t < timesteps; t++) count += spikes.get(row, t, j);
                    if (got[size_t(row) * width + j] != count) throw std::runtime_error("count of unit " + std::to_string(j) + " of width " + std::to_string(width));
                    expected.back()[b] += count;
                }
        const size_t p = words_per_row.size();
        words_per_row.push_back(timesteps * words_of(width));
        words_per_round.push_back(4 * 256);
        args.population[p].spikes = populations.back()->get();
        args.population[p].words_per_row = int32_t(words_per_row.back());
    }
    check_totals(device, "spike_count", "spike_count_totals_b256", 256, args, 0, words_per_row, words_per_round, expected);
    std::printf("spike_count: counts and totals exact\n");
}

void test_synapse_count(Device& device) {
    std::mt19937 random(415);
    struct Case {
        int width, timesteps, plane_count, least;
        double density;
    };
    // The last one's words are more than a block's threads; a full population carries through all the counts' bits.
    for (const std::vector<Case>& cases : {std::vector<Case>{{1, 17, 1, 0, 0.2}, {72, 1, 5, 7, 1}, {129, 4, 12, 300, 0.2}, {3072, 2, 8, 100000, 0.9}},
                                           std::vector<Case>{{64, 33, 0, 5, 0.5}, {16500, 1, 2, 0, 0.4}}}) {
        SynapseCountArgs args{};
        std::vector<std::unique_ptr<Buffer<uint64_t>>> operands;
        std::vector<int64_t> words_per_row, words_per_round;
        std::vector<std::vector<int64_t>> expected;
        size_t shared = 0;
        for (const Case& c : cases) {
            const Spikes spikes = Spikes::random(ragged_rows, c.timesteps, c.width, c.density, random);
            const int words = words_of(c.width);
            std::vector<int64_t> live(c.width);
            std::vector<uint64_t> planes(std::max<size_t>(1, size_t(words) * c.plane_count));
            for (int j = 0; j < c.width; j++) {
                const uint32_t more = random() % (1u << c.plane_count);
                live[j] = c.least + int64_t(more);
                for (int p = 0; p < c.plane_count; p++) planes[size_t(p) * words + j / 64] |= uint64_t(more >> p & 1) << j % 64;
            }
            expected.emplace_back(ragged_sequences);
            for (int b = 0; b < ragged_sequences; b++)
                for (int row = ragged_offsets[b]; row < ragged_offsets[b + 1]; row++)
                    for (int t = 0; t < c.timesteps; t++)
                        for (int j = 0; j < c.width; j++) expected.back()[b] += spikes.get(row, t, j) ? live[j] : 0;
            const size_t p = words_per_row.size();
            shared = std::max(shared, planes.size() * sizeof(uint64_t));
            operands.push_back(std::make_unique<Buffer<uint64_t>>(spikes.words));
            args.population[p].spikes = operands.back()->get();
            operands.push_back(std::make_unique<Buffer<uint64_t>>(planes));
            args.population[p].planes = operands.back()->get();
            args.population[p].words = words;
            args.population[p].timesteps = c.timesteps;
            args.population[p].plane_count = c.plane_count;
            args.population[p].least = c.least;
            words_per_row.push_back(int64_t(c.timesteps) * words);
            words_per_round.push_back(8 * std::max(1, 192 / words) * words);
        }
        check_totals(device, "synapse_count", "synapse_count_b192", 192, args, shared, words_per_row, words_per_round, expected);
    }
    std::printf("synapse_count: totals exact\n");
}

void test_classifier_head(Device& device) {
    unsigned seed = 421;
    for (Stored type : {F32, F16, BF16, I8})
        for (int width : {1, 40, 769}) {
            std::mt19937 random(seed++);
            const std::vector<int32_t> row_offsets = {0, 3, 4, 9};
            const int labels = 3, timesteps = 16;
            const Spikes in = Spikes::random(9, timesteps, width, 0.3, random);
            const StoredMatrix weight(type, labels, width, random_floats(size_t(labels) * width, 0, 1, random));
            const std::vector<float> bias = random_floats(labels, 0, 1, random);
            Buffer<uint64_t> spikes(in.words);
            Buffer<int32_t> offsets(row_offsets);
            Buffer<float> device_bias(bias);
            Buffer<double> logits(3 * labels);
            device.launch("classifier_head", "classifier_head_b128", {3}, 128, size_t(8) * width,
                          ClassifierHeadArgs{spikes.get(), offsets.get(), weight.arg(), device_bias.get(), logits.get(), timesteps, labels});
            const std::vector<double> got = logits.read();
            for (int b = 0; b < 3; b++)
                for (int label = 0; label < labels; label++) {
                    double logit = bias[label];
                    for (int j = 0; j < width; j++) {
                        int count = 0;
                        for (int t = 0; t < timesteps; t++) count += in.get(row_offsets[b], t, j);
                        logit += weight.at(label, j) * count / timesteps;
                    }
                    const double error = std::fabs(got[b * labels + label] - logit);
                    if (!(error < 1e-9 * (1 + std::fabs(logit)))) throw std::runtime_error("logit " + std::to_string(label) + " of width " + std::to_string(width));
                }
        }
    std::printf("classifier_head: logits within float64 rounding\n");
}
