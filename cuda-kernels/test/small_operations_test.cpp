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

void test_spike_count(Device& device) {
    std::mt19937 random(411);
    const std::vector<int32_t> row_offsets = {0, 1, 8, 21};
    const int rows = 21, timesteps = 17, sequences = 3;
    Buffer<int32_t> device_offsets(row_offsets);
    SpikeTotalsArgs totals_args{};
    totals_args.row_offsets = device_offsets.get();
    std::vector<std::unique_ptr<Buffer<uint64_t>>> populations;
    std::vector<std::unique_ptr<Buffer<int64_t>>> totals;
    std::vector<Spikes> spikes;
    for (int width : {1, 72, 129}) {
        spikes.push_back(Spikes::random(rows, timesteps, width, 0.2, random));
        populations.push_back(std::make_unique<Buffer<uint64_t>>(spikes.back().words));
        totals.push_back(std::make_unique<Buffer<int64_t>>(sequences));
        const size_t p = totals.size() - 1;
        totals_args.population[p].spikes = populations.back()->get();
        totals_args.population[p].totals = totals.back()->get();
        totals_args.population[p].words_per_row = timesteps * words_of(width);
        Buffer<int32_t> counts(size_t(rows) * width);
        counts.fill(0xff);
        device.launch("spike_count", "spike_count_units_b128", {unsigned(rows * words_of(width) + 3) / 4}, 128, 0,
                      SpikeCountsArgs{populations.back()->get(), counts.get(), rows, width, timesteps, 0});
        const std::vector<int32_t> got = counts.read();
        for (int row = 0; row < rows; row++)
            for (int j = 0; j < width; j++) {
                int count = 0;
                for (int t = 0; t < timesteps; t++) count += spikes.back().get(row, t, j);
                if (got[size_t(row) * width + j] != count) throw std::runtime_error("count of unit " + std::to_string(j) + " of width " + std::to_string(width));
            }
    }
    device.launch("spike_count", "spike_count_totals_b256", {unsigned(sequences), unsigned(totals.size())}, 256, 0, totals_args);
    for (size_t p = 0; p < totals.size(); p++) {
        const std::vector<int64_t> got = totals[p]->read();
        for (int b = 0; b < sequences; b++) {
            int64_t total = 0;
            for (int row = row_offsets[b]; row < row_offsets[b + 1]; row++)
                for (int t = 0; t < timesteps; t++)
                    for (int j = 0; j < spikes[p].width; j++) total += spikes[p].get(row, t, j);
            if (got[b] != total) throw std::runtime_error("total of sequence " + std::to_string(b) + " of population " + std::to_string(p));
        }
    }
    std::printf("spike_count: counts and totals exact\n");
}

void test_synapse_count(Device& device) {
    std::mt19937 random(415);
    const std::vector<int32_t> row_offsets = {0, 1, 8, 21};
    const int rows = 21, sequences = 3;
    Buffer<int32_t> device_offsets(row_offsets);
    struct Case {
        int width, timesteps, plane_count, least;
    };
    const std::vector<Case> cases = {{1, 17, 1, 0}, {72, 1, 5, 7}, {129, 4, 12, 300}, {3072, 2, 8, 100000}};
    SynapseCountArgs args{};
    args.row_offsets = device_offsets.get();
    std::vector<std::unique_ptr<Buffer<uint64_t>>> operands;
    std::vector<std::unique_ptr<Buffer<int64_t>>> totals;
    std::vector<std::vector<int64_t>> expected;
    size_t shared = 0;
    for (const Case& c : cases) {
        const Spikes spikes = Spikes::random(rows, c.timesteps, c.width, 0.2, random);
        const int words = words_of(c.width);
        std::vector<int64_t> live(c.width);
        std::vector<uint64_t> planes(size_t(words) * c.plane_count);
        for (int j = 0; j < c.width; j++) {
            const uint32_t more = random() % (1u << c.plane_count);
            live[j] = c.least + int64_t(more);
            for (int p = 0; p < c.plane_count; p++) planes[size_t(p) * words + j / 64] |= uint64_t(more >> p & 1) << j % 64;
        }
        expected.emplace_back(sequences);
        for (int b = 0; b < sequences; b++)
            for (int row = row_offsets[b]; row < row_offsets[b + 1]; row++)
                for (int t = 0; t < c.timesteps; t++)
                    for (int j = 0; j < c.width; j++) expected.back()[b] += spikes.get(row, t, j) ? live[j] : 0;
        const size_t p = totals.size();
        shared = std::max(shared, planes.size() * sizeof(uint64_t));
        operands.push_back(std::make_unique<Buffer<uint64_t>>(spikes.words));
        args.population[p].spikes = operands.back()->get();
        operands.push_back(std::make_unique<Buffer<uint64_t>>(planes));
        args.population[p].planes = operands.back()->get();
        totals.push_back(std::make_unique<Buffer<int64_t>>(sequences));
        args.population[p].totals = totals.back()->get();
        args.population[p].words = words;
        args.population[p].timesteps = c.timesteps;
        args.population[p].plane_count = c.plane_count;
        args.population[p].least = c.least;
    }
    device.launch("synapse_count", "synapse_count_b256", {unsigned(sequences), unsigned(totals.size())}, 256, unsigned(shared), args);
    for (size_t p = 0; p < totals.size(); p++)
        if (totals[p]->read() != expected[p]) throw std::runtime_error("totals of width " + std::to_string(cases[p].width));
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
