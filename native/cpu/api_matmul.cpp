// pack_weights, pack_low_bit, pack_int8, spike_matmul and rate_matmul: checks, then tiles of tokens and spans of panels.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "context.hpp"
#include "validation.hpp"

using namespace leanspike;

namespace {

constexpr int64_t PANEL = 64;
constexpr int64_t MAX_TILE = 512;          // rows (of one timestep) a tile holds
constexpr int64_t CURRENTS = 384 << 10;    // bytes of a tile's currents: they share the second-level cache with weights
constexpr int64_t LISTED_INPUTS = 256;     // inputs of a block whose spikes are listed
constexpr int64_t LISTED_ROW_BYTES = 8 + LISTED_INPUTS; // of a row in a block's list, should all of them spike
constexpr int64_t LISTS = 2 << 20;         // bytes of lists held at once; few are touched where few units spike
constexpr int64_t WORTHWHILE_TILE = 64;    // rows below which fetching the weights costs more than adding them
constexpr int64_t ITEMS_PER_THREAD = 4;    // so that threads finish together
constexpr int64_t BYTE_PANELS = 4;         // panels that a product with bytes makes together
constexpr int64_t MOST_BYTE_INPUTS = 32767; // whose sum fits int16
constexpr int64_t MOST_INT8_INPUTS = (1 << 24) - 1; // whose sum fits int32
constexpr int32_t MOST_FUSED = 64;         // products of one launch

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct Tiling {
    int64_t tile_rows, time_span, span_panels, spans, items;
};

// tile_rows: the planner's choice, 0 = none. Results do not depend on any of this.
Tiling choose_tiling(int64_t rows, int64_t timesteps, int64_t outputs, int32_t tile_rows, bool whole_rows, int64_t group, int threads) {
    const int64_t panels = ceil_div(outputs, PANEL);
    const int64_t row_bytes = (whole_rows ? panels : group) * PANEL * 4;
    const int64_t most = std::clamp<int64_t>(CURRENTS / row_bytes, 1, MAX_TILE);
    Tiling tiling = {};
    const int64_t wanted_items = threads == 1 ? 1 : threads * ITEMS_PER_THREAD;
    if (tile_rows > 0) {
        // The planner's tile stands; time is what gives way where its currents would not fit.
        tiling.tile_rows = std::min<int64_t>(tile_rows, rows);
        tiling.time_span = std::clamp<int64_t>(most / tiling.tile_rows, 1, timesteps);
    } else {
        tiling.time_span = std::min(timesteps, most);
        const int64_t tile = std::max(ceil_div(rows, wanted_items), ceil_div(WORTHWHILE_TILE, tiling.time_span));
        tiling.tile_rows = std::clamp<int64_t>(tile, 1, std::min(rows, most / tiling.time_span));
    }
    const int64_t tiles = ceil_div(rows, tiling.tile_rows);
    tiling.span_panels = panels;
    if (!whole_rows) {
        const int64_t groups = ceil_div(panels, group);
        tiling.span_panels = ceil_div(groups, std::min(groups, ceil_div(wanted_items, tiles))) * group;
    }
    tiling.spans = ceil_div(panels, tiling.span_panels);
    tiling.items = tiles * tiling.spans;
    return tiling;
}

void require_product(const void *packed, const float *bias, int64_t rows, int64_t timesteps, int64_t inputs, int64_t outputs) {
    require_extent(rows, "rows");
    require_extent(inputs, "inputs");
    require_extent(outputs, "outputs");
    require_countable(rows, timesteps, inputs);
    require_countable(rows, timesteps, outputs);
    require_packed(packed);
    require_pointer(bias, "bias");
}

void require_epilogue_inputs(int32_t epilogue, const void *residual, const leanspike_layer_norm &norm) {
    if (epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE) {
        require_pointer(residual, "residual");
        require_norm(norm);
    } else {
        require_absent(residual, "residual", "unless the epilogue is NORM_MEMBRANE");
    }
}

bool is_int8(int32_t weights) { return weights == LEANSPIKE_WEIGHTS_INT8_BYTES || weights == LEANSPIKE_WEIGHTS_INT8_DOTS; }

void require_weights(int32_t weights, int64_t inputs) {
    if (weights < LEANSPIKE_WEIGHTS_FLOAT || weights > LEANSPIKE_WEIGHTS_INT8_DOTS)
        reject("weights", "is " + std::to_string(weights) + ", must be LEANSPIKE_WEIGHTS_FLOAT .. LEANSPIKE_WEIGHTS_INT8_DOTS");
    if (weights == LEANSPIKE_WEIGHTS_BYTES && inputs > MOST_BYTE_INPUTS)
        reject("inputs", "is " + std::to_string(inputs) + ", must be at most " + std::to_string(MOST_BYTE_INPUTS) + " with LEANSPIKE_WEIGHTS_BYTES");
    if (is_int8(weights) && inputs > MOST_INT8_INPUTS)
        reject("inputs", "is " + std::to_string(inputs) + ", must be at most " + std::to_string(MOST_INT8_INPUTS) + " with 8-bit weights");
}

bool gathers_bytes(int32_t weights) { return weights == LEANSPIKE_WEIGHTS_BYTES || weights == LEANSPIKE_WEIGHTS_INT8_BYTES; }

// Currents from which a neuron that starts at rest certainly spikes in its first timestep if they go through GELU, and below which it certainly
// does not: a little to both sides of where GELU makes up for what the potential lacks, by more than the kernels' GELU (2e-7 |x| + 1e-7, see
// native/test/numerics.cpp) and the roundings behind it can be off. GELU rises with a slope of a half or more from 0 on, and below it is never
// above 0. Where next to nothing is lacking, nothing is certain.
void find_certain_currents(const leanspike_neuron &neuron, float &fires_from, float &rests_below) {
    fires_from = std::numeric_limits<float>::infinity();
    rests_below = -fires_from;
    const double potential = static_cast<double>(neuron.initial_potential), threshold = static_cast<double>(neuron.threshold);
    const double lacking = threshold - potential;
    if (!(lacking > 1e-5)) return;
    double x = lacking + 0.1;
    for (int i = 0; i < 8; ++i) { // Newton's steps
        const double below = 0.5 * std::erfc(-x / std::numbers::sqrt2);
        x -= (x * below - lacking) / (below + x * std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi));
    }
    const double margin = 2e-6 * (1 + x + std::abs(potential) + threshold);
    fires_from = static_cast<float>(x + margin);
    rests_below = static_cast<float>(x - margin);
}

// Panels whose product is made together.
int64_t grouped_panels(int32_t weights, int64_t outputs) {
    return gathers_bytes(weights) ? std::min(BYTE_PANELS, ceil_div(outputs, PANEL)) : 1;
}

} // namespace

extern "C" int64_t leanspike_packed_low_bit_bytes(int32_t weights, int64_t outputs, int64_t inputs) {
    if (weights <= LEANSPIKE_WEIGHTS_FLOAT || weights > LEANSPIKE_WEIGHTS_BINARY_PLANE || leanspike_packed_bytes(outputs, inputs) < 0) return -1;
    const int64_t bits = weights == LEANSPIKE_WEIGHTS_BYTES ? 8 : weights == LEANSPIKE_WEIGHTS_TERNARY_PLANES ? 2 : 1;
    return ceil_div(outputs, PANEL) * PANEL * ceil_div(inputs, 64) * 8 * bits;
}

extern "C" int32_t leanspike_pack_low_bit(leanspike_context *context, const leanspike_low_bit_matrix *matrix, int32_t weights, void *packed) {
    return guarded("pack_low_bit", [&] {
        require_pointer(context, "context");
        require_pointer(matrix, "matrix");
        require_pointer(matrix->plus, "matrix.plus");
        require_extent(matrix->rows, "matrix.rows");
        require_extent(matrix->cols, "matrix.cols");
        require_weights(weights, matrix->cols);
        if (weights == LEANSPIKE_WEIGHTS_FLOAT || is_int8(weights))
            reject("weights", "is " + std::to_string(weights) + ", must be LEANSPIKE_WEIGHTS_BYTES .. LEANSPIKE_WEIGHTS_BINARY_PLANE here");
        if (weights == LEANSPIKE_WEIGHTS_BINARY_PLANE) require_absent(matrix->minus, "matrix.minus", "with LEANSPIKE_WEIGHTS_BINARY_PLANE");
        require_packed(packed);
        const pack_low_bit_job job = {matrix, weights, static_cast<unsigned char *>(packed)};
        context->pool.run(ceil_div(matrix->rows, PANEL), 0,
                          [&](int64_t panel, unsigned char *memory) { context->kernels.pack_low_bit(job, panel, memory); });
    });
}

extern "C" int64_t leanspike_packed_int8_bytes(int64_t outputs, int64_t inputs) {
    const int64_t floats = leanspike_packed_bytes(outputs, inputs);
    return floats < 0 || inputs > MOST_INT8_INPUTS ? -1 : floats / 4;
}

extern "C" int32_t leanspike_pack_int8(leanspike_context *context, const leanspike_matrix *matrix, int32_t weights, void *packed) {
    return guarded("pack_int8", [&] {
        require_pointer(context, "context");
        require_pointer(matrix, "matrix");
        require_matrix(*matrix, "matrix");
        if (matrix->type != LEANSPIKE_I8) reject("matrix.type", "is " + std::to_string(matrix->type) + ", must be LEANSPIKE_I8");
        if (!is_int8(weights)) reject("weights", "is " + std::to_string(weights) + ", must be LEANSPIKE_WEIGHTS_INT8_BYTES or INT8_DOTS");
        require_weights(weights, matrix->cols);
        require_packed(packed);
        const pack_int8_job job = {matrix, weights, static_cast<int8_t *>(packed)};
        context->pool.run(ceil_div(matrix->rows, PANEL), 0,
                          [&](int64_t panel, unsigned char *memory) { context->kernels.pack_int8(job, panel, memory); });
    });
}

extern "C" int64_t leanspike_packed_bytes(int64_t outputs, int64_t inputs) {
    if (outputs < 1 || outputs > MAX_EXTENT || inputs < 1 || inputs > MAX_EXTENT) return -1;
    return ceil_div(outputs, PANEL) * PANEL * ceil_div(inputs, 64) * 64 * 4; // at most 2^62
}

extern "C" int32_t leanspike_pack_weights(leanspike_context *context, const leanspike_matrix *matrix, float *packed) {
    return guarded("pack_weights", [&] {
        require_pointer(context, "context");
        require_pointer(matrix, "matrix");
        require_matrix(*matrix, "matrix");
        require_packed(packed);
        ScratchPlan scratch;
        const pack_weights_job job = {matrix, packed, scratch.add(64 * PANEL * 4)};
        context->pool.run(ceil_div(matrix->rows, PANEL), scratch.bytes(),
                          [&](int64_t panel, unsigned char *memory) { context->kernels.pack_weights(job, panel, memory); });
    });
}

namespace {

void require_spike_matmul(const leanspike_spike_matmul_args &a) {
    require_timesteps(a.timesteps);
    require_pointer(a.input, "input");
    require_product(a.packed, a.bias, a.rows, a.timesteps, a.inputs, a.outputs);
    require_weights(a.weights, a.inputs);
    if (a.weights == LEANSPIKE_WEIGHTS_FLOAT)
        require_absent(a.scale, "scale", "with LEANSPIKE_WEIGHTS_FLOAT");
    else
        require_pointer(a.scale, "scale");
    require_epilogue(a.epilogue);
    require_epilogue_inputs(a.epilogue, a.residual, a.norm);
    require_tile_rows(a.tile_rows);
    if (a.epilogue == LEANSPIKE_EPILOGUE_REAL) {
        require_pointer(a.real, "real");
        require_absent(a.spikes, "spikes", "with the epilogue REAL");
    } else {
        require_neuron(a.neuron);
        require_pointer(a.spikes, "spikes");
        require_absent(a.real, "real", "unless the epilogue is REAL");
    }
}

// A product cut into items, and the scratch memory that one of them takes.
struct CutProduct {
    spike_matmul_job job = {};
    int64_t items = 0;
    ScratchPlan scratch;

    CutProduct(const leanspike_spike_matmul_args &a, int threads) {
        const bool whole_rows = a.epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE;
        const int64_t group = grouped_panels(a.weights, a.outputs);
        const Tiling tiling = choose_tiling(a.rows, a.timesteps, a.outputs, a.tile_rows, whole_rows, group, threads);
        const int64_t columns = (whole_rows ? ceil_div(a.outputs, PANEL) : group) * PANEL;
        const int64_t rows = tiling.tile_rows * tiling.time_span;
        items = tiling.items;
        job.args = &a;
        job.tile_rows = tiling.tile_rows;
        job.span_panels = tiling.span_panels;
        job.spans = tiling.spans;
        job.group_panels = group;
        job.time_span = static_cast<int32_t>(tiling.time_span);
        if (a.epilogue == LEANSPIKE_EPILOGUE_GELU_MEMBRANE && a.timesteps == 1) find_certain_currents(a.neuron, job.fires_from, job.rests_below);
        job.currents_at = scratch.add(rows * columns * 4);
        job.membranes_at = scratch.add(tiling.time_span < a.timesteps ? tiling.tile_rows * columns * 4 : 0);
        job.moments_at = scratch.add(whole_rows ? rows * 8 : 0);
        job.sums_at = scratch.add(a.weights == LEANSPIKE_WEIGHTS_BYTES ? rows * group * PANEL * 2 : 0);
        job.listed_blocks = std::clamp<int64_t>(LISTS / (rows * LISTED_ROW_BYTES), 1, ceil_div(a.inputs, LISTED_INPUTS));
        job.lists_at = scratch.add(gathers_bytes(a.weights) ? job.listed_blocks * rows * LISTED_ROW_BYTES + 64 : 0);
    }
};

} // namespace

extern "C" int32_t leanspike_spike_matmul(leanspike_context *context, const leanspike_spike_matmul_args *args) {
    return guarded("spike_matmul", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        require_spike_matmul(*args);
        const CutProduct product(*args, context->pool.threads());
        context->pool.run(product.items, product.scratch.bytes(),
                          [&](int64_t item, unsigned char *memory) { context->kernels.spike_matmul(product.job, item, memory); });
    });
}

extern "C" int32_t leanspike_spike_matmul_fused(leanspike_context *context, const leanspike_spike_matmul_args *args, int32_t count) {
    return guarded("spike_matmul_fused", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        if (count < 1 || count > MOST_FUSED) reject("count", "is " + std::to_string(count) + ", must be in 1 .. " + std::to_string(MOST_FUSED));
        for (int32_t i = 0; i < count; ++i) require_spike_matmul(args[i]);
        std::vector<CutProduct> products;
        int64_t items = 0, bytes = 0;
        for (int32_t i = 0; i < count; ++i) {
            products.emplace_back(args[i], context->pool.threads());
            items += products.back().items;
            bytes = std::max(bytes, products.back().scratch.bytes());
        }
        context->pool.run(items, bytes, [&](int64_t item, unsigned char *memory) {
            const CutProduct *product = products.data();
            for (; item >= product->items; ++product) item -= product->items;
            context->kernels.spike_matmul(product->job, item, memory);
        });
    });
}

extern "C" int32_t leanspike_rate_matmul(leanspike_context *context, const leanspike_rate_matmul_args *args) {
    return guarded("rate_matmul", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        const leanspike_rate_matmul_args &a = *args;
        require_pointer(a.input, "input");
        require_product(a.packed, a.bias, a.rows, 1, a.inputs, a.outputs);
        require_epilogue(a.epilogue);
        require_epilogue_inputs(a.epilogue, a.residual, a.norm);
        require_tile_rows(a.tile_rows);
        if (a.epilogue != LEANSPIKE_EPILOGUE_REAL) require_threshold(a.neuron);
        require_pointer(a.output, "output");
        const bool whole_rows = a.epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE;
        const Tiling tiling = choose_tiling(a.rows, 1, a.outputs, a.tile_rows, whole_rows, 1, context->pool.threads());
        const int64_t columns = whole_rows ? ceil_div(a.outputs, PANEL) * PANEL : PANEL;
        ScratchPlan scratch;
        rate_matmul_job job = {};
        job.args = args;
        job.tile_rows = tiling.tile_rows;
        job.span_panels = tiling.span_panels;
        job.spans = tiling.spans;
        job.sums_at = scratch.add(tiling.tile_rows * columns * 4);
        context->pool.run(tiling.items, scratch.bytes(),
                          [&](int64_t item, unsigned char *memory) { context->kernels.rate_matmul(job, item, memory); });
    });
}
