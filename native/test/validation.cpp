// Every field of every function's arguments: a bad one gives BAD_ARGUMENT and a text that names the function and the field.
#include <limits>

#include "reference.hpp"

using namespace test;

namespace {

constexpr float INF = std::numeric_limits<float>::infinity();
constexpr int64_t HUGE_EXTENT = int64_t{1} << 40;

// One function with good arguments; each trial spoils a copy.
template <class Args>
struct Trial {
    const char *function;
    int32_t (*call)(leanspike_context *, const Args *);
    leanspike_context *context;
    Args good;

    void works(const std::string &how = "as it is") const { expect_ok(call(context, &good), text(function, " ", how)); }

    template <class Spoil>
    void rejects(const char *field, const Spoil &spoil) const {
        Args bad = good;
        spoil(bad);
        const int32_t status = call(context, &bad);
        const std::string error = last_error();
        expect(status == LEANSPIKE_BAD_ARGUMENT, text(function, " with a bad ", field), text("status ", status));
        expect(error.find(text("leanspike_", function)) != std::string::npos && error.find(field) != std::string::npos,
               text(function, " with a bad ", field), "the text names something else: " + error);
    }

    void rejects_nulls() const {
        expect(call(nullptr, &good) == LEANSPIKE_BAD_ARGUMENT && last_error().find("context") != std::string::npos, function, "null context");
        expect(call(context, nullptr) == LEANSPIKE_BAD_ARGUMENT && last_error().find("args") != std::string::npos, function, "null args");
    }
};

#define REJECTS(trial, field, value) (trial).rejects(#field, [&](auto &a) { a.field = (value); })

template <class T>
void rejects_extents(const T &trial) {
    REJECTS(trial, rows, 0);
    REJECTS(trial, rows, -1);
    REJECTS(trial, rows, HUGE_EXTENT);
}

template <class T>
void rejects_timesteps(const T &trial) {
    REJECTS(trial, timesteps, 0);
    REJECTS(trial, timesteps, -4);
    REJECTS(trial, timesteps, (1 << 16) + 1);
}

template <class T>
void rejects_thresholds(const T &trial) {
    for (const float value : {0.0f, -1.0f, INF, NAN}) REJECTS(trial, neuron.threshold, value);
}

template <class T>
void rejects_neurons(const T &trial) {
    rejects_thresholds(trial);
    for (const float value : {0.0f, -0.5f, 1.5f, NAN}) REJECTS(trial, neuron.leak, value);
    for (const float value : {INF, -INF, NAN}) REJECTS(trial, neuron.initial_potential, value);
    REJECTS(trial, neuron.reset, 2);
    REJECTS(trial, neuron.reset, -1);
}

template <class T>
void rejects_norms(const T &trial) {
    REJECTS(trial, norm.weight, nullptr);
    REJECTS(trial, norm.bias, nullptr);
    for (const float value : {0.0f, -1e-12f, INF, NAN}) REJECTS(trial, norm.eps, value);
}

constexpr leanspike_neuron NEURON = {1.0f, 0.9f, 0.0f, LEANSPIKE_RESET_SOFT};
constexpr int64_t ROWS = 4, WIDTH = 70;
constexpr int32_t TIMESTEPS = 3;

// Wrong offsets over four rows, and a wrong id.
const int32_t FALLING[] = {0, 40, 30}, LATE[] = {1, 2, 4}, NONE[] = {0, 0, 0}, SHORT_END[] = {0, 1, 3}, BEYOND[] = {0, 1, 5};
const int32_t EMPTY_SEQUENCE[] = {0, 2, 2}, NEGATIVE_ID[] = {0, 0, 0, -1};

struct Data {
    std::vector<float> floats = std::vector<float>(1 << 14, 0.5f);
    std::vector<float> scale = std::vector<float>(256, 0.1f);
    std::vector<uint64_t> spikes = std::vector<uint64_t>(1 << 10), out = std::vector<uint64_t>(1 << 10);
    std::vector<float> real = std::vector<float>(1 << 14);
    std::vector<int32_t> ids = {0, 1, 2, 1}, zeros = {0, 0, 0, 0};
    std::vector<int32_t> row_offsets = {0, 1, 4}, head_offsets = {0, 30, 70};
    std::vector<int32_t> counts = std::vector<int32_t>(1 << 10);
    std::vector<int64_t> totals = std::vector<int64_t>(16);
    std::vector<double> logits = std::vector<double>(64);
    alignas(64) uint64_t planes[64] = {};
    leanspike_matrix table(int64_t rows, int64_t cols) const { return {floats.data(), nullptr, rows, cols, LEANSPIKE_F32, 0}; }
    leanspike_layer_norm norm() const { return {floats.data(), floats.data(), 1e-12f, 0}; }
};

template <class T>
void rejects_embeddings(const T &trial, const Data &data) {
    trial.rejects_nulls();
    rejects_extents(trial);
    rejects_norms(trial);
    REJECTS(trial, word.elements, nullptr);
    REJECTS(trial, word.rows, 0);
    REJECTS(trial, word.cols, -3);
    REJECTS(trial, word.type, 4);
    REJECTS(trial, word.type, -1);
    REJECTS(trial, word.scale, data.scale.data());
    trial.rejects("position.scale", [](auto &a) { a.position.type = LEANSPIKE_I8; });
    REJECTS(trial, position.elements, nullptr);
    REJECTS(trial, position.cols, WIDTH - 1);
    REJECTS(trial, type.cols, WIDTH + 1);
    REJECTS(trial, type.rows, HUGE_EXTENT);
    REJECTS(trial, word_ids, nullptr);
    REJECTS(trial, position_ids, nullptr);
    REJECTS(trial, type_ids, nullptr);
    trial.rejects("word_ids[2]", [](auto &a) { a.word.rows = 2; });
    trial.rejects("position_ids[3]", [](auto &a) { a.position_ids = NEGATIVE_ID; });
    trial.rejects("type_ids[1]", [&](auto &a) { a.type_ids = data.ids.data(), a.type.rows = 1; });
}

void encode(leanspike_context *context, Data &data) {
    Trial<leanspike_spike_encode_args> spike = {"spike_encode", leanspike_spike_encode, context, {}};
    Trial<leanspike_rate_encode_args> rate = {"rate_encode", leanspike_rate_encode, context, {}};
    const auto fill = [&](auto &a) {
        a.word = data.table(5, WIDTH);
        a.position = data.table(4, WIDTH);
        a.type = data.table(2, WIDTH);
        a.norm = data.norm();
        a.neuron = NEURON;
        a.word_ids = a.position_ids = data.ids.data();
        a.type_ids = data.zeros.data();
        a.rows = ROWS;
    };
    fill(spike.good);
    fill(rate.good);
    spike.good.timesteps = TIMESTEPS;
    spike.good.spikes = data.out.data();
    rate.good.rates = data.real.data();
    spike.works();
    rate.works();
    rejects_embeddings(spike, data);
    rejects_embeddings(rate, data);
    rejects_neurons(spike);
    rejects_thresholds(rate);
    rejects_timesteps(spike);
    REJECTS(spike, spikes, nullptr);
    REJECTS(rate, rates, nullptr);
}

template <class T>
void rejects_products(const T &trial) {
    trial.rejects_nulls();
    rejects_extents(trial);
    REJECTS(trial, input, nullptr);
    REJECTS(trial, packed, nullptr);
    trial.rejects("packed", [](auto &a) { a.packed = reinterpret_cast<const float *>(a.packed) + 1; });
    REJECTS(trial, bias, nullptr);
    REJECTS(trial, inputs, 0);
    REJECTS(trial, inputs, HUGE_EXTENT);
    REJECTS(trial, outputs, 0);
    REJECTS(trial, outputs, -64);
    REJECTS(trial, outputs, HUGE_EXTENT);
    REJECTS(trial, epilogue, 4);
    REJECTS(trial, epilogue, -1);
    REJECTS(trial, tile_rows, -1);
}

void matmul(leanspike_context *context, Data &data) {
    const Packed packed(context, data.table(WIDTH, WIDTH), "pack_weights");
    Trial<leanspike_spike_matmul_args> spike = {"spike_matmul", leanspike_spike_matmul, context, {}};
    Trial<leanspike_rate_matmul_args> rate = {"rate_matmul", leanspike_rate_matmul, context, {}};
    const auto fill = [&](auto &a) {
        a.packed = packed.get();
        a.bias = data.floats.data();
        a.neuron = NEURON;
        a.rows = ROWS;
        a.inputs = a.outputs = WIDTH;
        a.epilogue = LEANSPIKE_EPILOGUE_NORM_MEMBRANE;
        a.norm = data.norm();
    };
    fill(spike.good);
    fill(rate.good);
    spike.good.input = spike.good.residual = data.spikes.data();
    spike.good.timesteps = TIMESTEPS;
    spike.good.spikes = data.out.data();
    rate.good.input = rate.good.residual = data.floats.data();
    rate.good.output = data.real.data();
    spike.works();
    rate.works();
    leanspike_spike_matmul_args two[] = {spike.good, spike.good};
    const auto refused = [&](const char *field, int32_t status) {
        expect(status == LEANSPIKE_BAD_ARGUMENT && last_error().find(field) != std::string::npos, "spike_matmul_fused", text(field, ": ", last_error()));
    };
    refused("context", leanspike_spike_matmul_fused(nullptr, two, 2));
    refused("args", leanspike_spike_matmul_fused(context, nullptr, 2));
    for (const int32_t count : {0, -1, 65}) refused("count", leanspike_spike_matmul_fused(context, two, count));
    two[1].rows = 0;
    refused("rows", leanspike_spike_matmul_fused(context, two, 2));
    rejects_products(spike);
    rejects_products(rate);
    rejects_norms(spike);
    rejects_norms(rate);
    rejects_neurons(spike);
    rejects_thresholds(rate);
    rejects_timesteps(spike);
    REJECTS(spike, residual, nullptr);
    REJECTS(rate, residual, nullptr);
    REJECTS(spike, spikes, nullptr);
    REJECTS(rate, output, nullptr);
    spike.rejects("real", [&](auto &a) { a.real = data.real.data(); });
    spike.rejects("residual", [](auto &a) { a.epilogue = LEANSPIKE_EPILOGUE_MEMBRANE; });
    rate.rejects("residual", [](auto &a) { a.epilogue = LEANSPIKE_EPILOGUE_GELU_MEMBRANE; });
    spike.rejects("rows", [](auto &a) { a.rows = int64_t{1} << 30, a.timesteps = 1 << 16, a.inputs = int64_t{1} << 30; });

    REJECTS(spike, weights, -1);
    REJECTS(spike, weights, 6);
    spike.rejects("scale", [&](auto &a) { a.scale = data.floats.data(); });
    spike.rejects("scale", [](auto &a) { a.weights = LEANSPIKE_WEIGHTS_BYTES; });
    spike.rejects("scale", [](auto &a) { a.weights = LEANSPIKE_WEIGHTS_INT8_DOTS; });
    spike.rejects("inputs", [&](auto &a) { a.weights = LEANSPIKE_WEIGHTS_INT8_BYTES, a.scale = data.floats.data(), a.inputs = 1 << 24; });
    spike.rejects("inputs", [&](auto &a) { a.weights = LEANSPIKE_WEIGHTS_BYTES, a.scale = data.floats.data(), a.inputs = 32768; });

    spike.good.epilogue = LEANSPIKE_EPILOGUE_REAL;
    spike.good.residual = nullptr;
    spike.good.spikes = nullptr;
    spike.good.real = data.real.data();
    spike.good.neuron = {}; // not asked for
    spike.works("with the epilogue REAL");
    REJECTS(spike, real, nullptr);
    spike.rejects("spikes", [&](auto &a) { a.spikes = data.out.data(); });
}

void pack(leanspike_context *context, Data &data) {
    const leanspike_matrix matrix = data.table(WIDTH, WIDTH);
    const Packed packed(context, matrix, "pack_weights");
    float *out = packed.data.get();
    const auto refused = [&](const char *field, int32_t status) {
        expect(status == LEANSPIKE_BAD_ARGUMENT && last_error().find(field) != std::string::npos, "pack_weights", text(field, ": ", last_error()));
    };
    refused("context", leanspike_pack_weights(nullptr, &matrix, out));
    refused("matrix", leanspike_pack_weights(context, nullptr, out));
    refused("packed", leanspike_pack_weights(context, &matrix, nullptr));
    refused("packed", leanspike_pack_weights(context, &matrix, out + 1));
    leanspike_matrix bad = matrix;
    bad.type = LEANSPIKE_I8;
    refused("matrix.scale", leanspike_pack_weights(context, &bad, out));
    bad = matrix;
    bad.rows = 0;
    refused("matrix.rows", leanspike_pack_weights(context, &bad, out));
    bad = matrix;
    bad.elements = nullptr;
    refused("matrix.elements", leanspike_pack_weights(context, &bad, out));
    for (const int64_t dimension : {int64_t{0}, int64_t{-1}, HUGE_EXTENT, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()}) {
        expect(leanspike_packed_bytes(dimension, 64) < 0, "packed_bytes", text("outputs ", dimension));
        expect(leanspike_packed_bytes(64, dimension) < 0, "packed_bytes", text("inputs ", dimension));
    }
    expect(leanspike_packed_bytes(int64_t{1} << 30, int64_t{1} << 30) == int64_t{1} << 62, "packed_bytes", "the largest");
}

void pack_int8(leanspike_context *context) {
    const std::vector<int8_t> elements(WIDTH * WIDTH);
    const std::vector<float> scale(WIDTH, 1.0f);
    leanspike_matrix matrix = {};
    matrix.elements = elements.data();
    matrix.scale = scale.data();
    matrix.rows = matrix.cols = WIDTH;
    matrix.type = LEANSPIKE_I8;
    const Packed packed = Packed::int8(context, matrix, LEANSPIKE_WEIGHTS_INT8_DOTS, "pack_int8");
    float *out = packed.data.get();
    const auto refused = [&](const char *field, int32_t status) {
        expect(status == LEANSPIKE_BAD_ARGUMENT && last_error().find(field) != std::string::npos, "pack_int8", text(field, ": ", last_error()));
    };
    refused("context", leanspike_pack_int8(nullptr, &matrix, LEANSPIKE_WEIGHTS_INT8_DOTS, out));
    refused("matrix", leanspike_pack_int8(context, nullptr, LEANSPIKE_WEIGHTS_INT8_DOTS, out));
    refused("packed", leanspike_pack_int8(context, &matrix, LEANSPIKE_WEIGHTS_INT8_BYTES, nullptr));
    refused("packed", leanspike_pack_int8(context, &matrix, LEANSPIKE_WEIGHTS_INT8_BYTES, out + 1));
    for (const int32_t form : {-1, LEANSPIKE_WEIGHTS_FLOAT, LEANSPIKE_WEIGHTS_BYTES, LEANSPIKE_WEIGHTS_BINARY_PLANE, LEANSPIKE_WEIGHTS_INT8_DOTS + 1})
        refused("weights", leanspike_pack_int8(context, &matrix, form, out));
    leanspike_matrix bad = matrix;
    bad.type = LEANSPIKE_BF16;
    bad.scale = nullptr;
    refused("matrix.type", leanspike_pack_int8(context, &bad, LEANSPIKE_WEIGHTS_INT8_DOTS, out));
    bad = matrix;
    bad.scale = nullptr;
    refused("matrix.scale", leanspike_pack_int8(context, &bad, LEANSPIKE_WEIGHTS_INT8_DOTS, out));
    for (const int64_t dimension : {int64_t{0}, int64_t{-1}, HUGE_EXTENT, std::numeric_limits<int64_t>::min()}) {
        expect(leanspike_packed_int8_bytes(dimension, 64) < 0, "packed_int8_bytes", text("outputs ", dimension));
        expect(leanspike_packed_int8_bytes(64, dimension) < 0, "packed_int8_bytes", text("inputs ", dimension));
    }
    expect(leanspike_packed_int8_bytes(64, 1 << 24) < 0, "packed_int8_bytes", "sums beyond int32");
}

template <class T>
void rejects_attention(const T &trial) {
    trial.rejects_nulls();
    rejects_extents(trial);
    REJECTS(trial, query, nullptr);
    REJECTS(trial, key, nullptr);
    REJECTS(trial, value, nullptr);
    REJECTS(trial, key_offsets, nullptr);
    REJECTS(trial, value_offsets, nullptr);
    REJECTS(trial, row_offsets, nullptr);
    REJECTS(trial, key_offsets, FALLING);
    REJECTS(trial, key_offsets, LATE);
    REJECTS(trial, key_offsets, NONE);
    REJECTS(trial, value_offsets, FALLING);
    REJECTS(trial, value_offsets, NONE);
    REJECTS(trial, row_offsets, FALLING);
    REJECTS(trial, row_offsets, LATE);
    REJECTS(trial, row_offsets, SHORT_END);
    REJECTS(trial, row_offsets, BEYOND);
    REJECTS(trial, sequences, 0);
    REJECTS(trial, heads, 0);
    REJECTS(trial, heads, -2);
    for (const float value : {INF, NAN}) REJECTS(trial, scale, value);
}

void attention(leanspike_context *context, Data &data) {
    Trial<leanspike_spiking_attention_args> spiking = {"spiking_attention", leanspike_spiking_attention, context, {}};
    Trial<leanspike_rate_attention_args> rate = {"rate_attention", leanspike_rate_attention, context, {}};
    const auto fill = [&](auto &a) {
        a.query = data.floats.data();
        a.key_offsets = a.value_offsets = data.head_offsets.data();
        a.row_offsets = data.row_offsets.data();
        a.neuron = NEURON;
        a.rows = ROWS;
        a.sequences = 2;
        a.heads = 2;
        a.scale = 0.2f;
    };
    fill(spiking.good);
    fill(rate.good);
    spiking.good.key = spiking.good.value = data.spikes.data();
    spiking.good.timesteps = TIMESTEPS;
    spiking.good.spikes = data.out.data();
    rate.good.key = rate.good.value = data.floats.data();
    rate.good.rates = data.real.data();
    spiking.works();
    rate.works();
    rejects_attention(spiking);
    rejects_attention(rate);
    rejects_neurons(spiking);
    rejects_thresholds(rate);
    rejects_timesteps(spiking);
    REJECTS(spiking, spikes, nullptr);
    REJECTS(rate, rates, nullptr);
}

void membrane(leanspike_context *context, Data &data) {
    Trial<leanspike_membrane_update_args> update = {"membrane_update", leanspike_membrane_update, context, {}};
    update.good.current = data.floats.data();
    update.good.neuron = NEURON;
    update.good.rows = ROWS;
    update.good.width = WIDTH;
    update.good.timesteps = TIMESTEPS;
    update.good.spikes = data.out.data();
    update.works();
    update.rejects_nulls();
    rejects_extents(update);
    rejects_timesteps(update);
    rejects_neurons(update);
    REJECTS(update, width, 0);
    REJECTS(update, current, nullptr);
    REJECTS(update, spikes, nullptr);

    Trial<leanspike_spike_count_args> count = {"spike_count", leanspike_spike_count, context, {}};
    count.good.spikes = data.spikes.data();
    count.good.rows = ROWS;
    count.good.width = WIDTH;
    count.good.timesteps = TIMESTEPS;
    count.good.sequences = 2;
    count.good.row_offsets = data.row_offsets.data();
    count.good.counts = data.counts.data();
    count.good.totals = data.totals.data();
    count.works();
    count.rejects_nulls();
    rejects_extents(count);
    rejects_timesteps(count);
    REJECTS(count, spikes, nullptr);
    REJECTS(count, width, -1);
    REJECTS(count, row_offsets, nullptr);
    REJECTS(count, sequences, 0);
    REJECTS(count, row_offsets, SHORT_END);

    Trial<leanspike_synapse_count_args> synapses = {"synapse_count", leanspike_synapse_count, context, {}};
    synapses.good.spikes = data.spikes.data();
    synapses.good.planes = data.planes;
    synapses.good.row_offsets = data.row_offsets.data();
    synapses.good.least = 3;
    synapses.good.rows = ROWS;
    synapses.good.width = WIDTH;
    synapses.good.timesteps = TIMESTEPS;
    synapses.good.sequences = 2;
    synapses.good.plane_count = 8;
    synapses.good.totals = data.totals.data();
    synapses.works();
    synapses.rejects_nulls();
    rejects_extents(synapses);
    rejects_timesteps(synapses);
    REJECTS(synapses, spikes, nullptr);
    REJECTS(synapses, planes, nullptr);
    REJECTS(synapses, planes, data.planes + 1);
    REJECTS(synapses, totals, nullptr);
    REJECTS(synapses, row_offsets, nullptr);
    REJECTS(synapses, row_offsets, SHORT_END);
    REJECTS(synapses, sequences, 0);
    REJECTS(synapses, least, -1);
    REJECTS(synapses, width, -1);
    for (const int32_t count_of_planes : {0, 7, 40}) REJECTS(synapses, plane_count, count_of_planes);
}

void head(leanspike_context *context, Data &data) {
    Trial<leanspike_classifier_head_args> trial = {"classifier_head", leanspike_classifier_head, context, {}};
    trial.good.spikes = data.spikes.data();
    trial.good.row_offsets = data.row_offsets.data();
    trial.good.weight = data.floats.data();
    trial.good.bias = data.floats.data();
    trial.good.width = WIDTH;
    trial.good.timesteps = TIMESTEPS;
    trial.good.sequences = 2;
    trial.good.labels = 3;
    trial.good.logits = data.logits.data();
    trial.works();
    trial.rejects_nulls();
    rejects_timesteps(trial);
    REJECTS(trial, spikes, nullptr);
    REJECTS(trial, rates, data.floats.data());
    REJECTS(trial, row_offsets, nullptr);
    REJECTS(trial, weight, nullptr);
    REJECTS(trial, bias, nullptr);
    REJECTS(trial, logits, nullptr);
    REJECTS(trial, width, 0);
    REJECTS(trial, labels, 0);
    REJECTS(trial, sequences, -1);
    REJECTS(trial, row_offsets, EMPTY_SEQUENCE);
}

} // namespace

int main() {
    const Context context(2, LEANSPIKE_VARIANT_BEST);
    Data data;
    encode(context, data);
    matmul(context, data);
    pack(context, data);
    pack_int8(context);
    attention(context, data);
    membrane(context, data);
    head(context, data);
    return finish("validation");
}
