// rate_matmul: real rates x weights (the equilibrium of spike_matmul), then bias, LayerNorm or GELU and the clamp.
//
// Layout   input [row][input] float32; weights in the panels of pack_weights; output [row][output].
// Fast     a register tile of TILE rows x VECS vectors of one panel, fused multiply-adds with broadcast inputs: 6 x 64 columns on
//          AVX-512. 256 inputs at a time keep the weights (64 KB) in the second-level cache for all rows of the tile.
#include "gelu.hpp"
#include "layer_norm.hpp"
#include "neuron.hpp"
#include "operations.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int64_t BLOCK = 256; // inputs
constexpr int VECS = 4;
constexpr int TILE = LANES == 16 ? 6 : 3; // 24 sums in 32 registers, or 12 in 16
constexpr int PASSES = PANEL_VECS / VECS;

// sums[r][VECS * LANES columns] += inputs[r][0 .. count) . weights
template <int ROWS>
void multiply(const float *inputs, int64_t input_stride, const float *weights, int64_t count, bool fresh, float *sums, int64_t stride) {
    Vec acc[ROWS][VECS];
    for (int r = 0; r < ROWS; ++r)
        for (int v = 0; v < VECS; ++v) acc[r][v] = fresh ? zero() : load(sums + r * stride + v * LANES);
    for (int64_t k = 0; k < count; ++k) {
        Vec w[VECS];
        for (int v = 0; v < VECS; ++v) w[v] = load(weights + k * PANEL + v * LANES);
        for (int r = 0; r < ROWS; ++r) {
            const Vec x = broadcast(inputs[r * input_stride + k]);
            for (int v = 0; v < VECS; ++v) acc[r][v] = fma(x, w[v], acc[r][v]);
        }
    }
    for (int r = 0; r < ROWS; ++r)
        for (int v = 0; v < VECS; ++v) store(sums + r * stride + v * LANES, acc[r][v]);
}

void product(const leanspike_rate_matmul_args &a, int64_t first, int64_t rows, const float *panel, float *sums, int64_t stride) {
    for (int64_t k = 0; k < a.inputs; k += BLOCK) {
        const int64_t count = a.inputs - k < BLOCK ? a.inputs - k : BLOCK;
        int64_t r = 0;
        for (; r + TILE <= rows; r += TILE)
            for (int pass = 0; pass < PASSES; ++pass)
                multiply<TILE>(a.input + (first + r) * a.inputs + k, a.inputs, panel + k * PANEL + pass * VECS * LANES, count, k == 0,
                               sums + r * stride + pass * VECS * LANES, stride);
        for (; r < rows; ++r)
            for (int pass = 0; pass < PASSES; ++pass)
                multiply<1>(a.input + (first + r) * a.inputs + k, a.inputs, panel + k * PANEL + pass * VECS * LANES, count, k == 0,
                            sums + r * stride + pass * VECS * LANES, stride);
    }
}

void add_bias_and_residual(const leanspike_rate_matmul_args &a, int64_t first, int64_t rows, int64_t p, float *sums, int64_t stride) {
    const int64_t columns = a.outputs - p * PANEL;
    alignas(64) float bias[PANEL];
    fill_panel(bias, a.bias + p * PANEL, columns, 0.0f);
    for (int64_t r = 0; r < rows; ++r, sums += stride) {
        const float *residual = a.residual + (first + r) * a.outputs + p * PANEL;
        for (int v = 0; v < PANEL_VECS && v * LANES < columns; ++v) {
            const Vec x = load(sums + v * LANES) + load(bias + v * LANES);
            store(sums + v * LANES, x + load_first(residual + v * LANES, columns - v * LANES));
        }
    }
}

// output = activation(v, sums[row][v]) for the columns of panel p that exist.
template <class Activation>
void write(const leanspike_rate_matmul_args &a, int64_t row, int64_t p, const float *sums, Activation activation) {
    const int64_t columns = a.outputs - p * PANEL;
    float *out = a.output + row * a.outputs + p * PANEL;
    for (int v = 0; v < PANEL_VECS && v * LANES < columns; ++v)
        store_first(out + v * LANES, columns - v * LANES, activation(v, load(sums + v * LANES)));
}

void write_normalized(const leanspike_rate_matmul_args &a, int64_t first, int64_t rows, const float *sums, int64_t stride) {
    const Vec threshold = broadcast(a.neuron.threshold);
    for (int64_t r = 0; r < rows; ++r) {
        const Moments m = moments(sums + r * stride, a.outputs, a.norm.eps);
        for (int64_t p = 0; p * PANEL < a.outputs; ++p) {
            const int64_t columns = a.outputs - p * PANEL;
            write(a, first + r, p, sums + r * stride + p * PANEL, [&](int v, Vec x) {
                const Vec weight = load_first(a.norm.weight + p * PANEL + v * LANES, columns - v * LANES);
                const Vec bias = load_first(a.norm.bias + p * PANEL + v * LANES, columns - v * LANES);
                return rate(normalize(x, m, weight, bias), threshold);
            });
        }
    }
}

void write_columns(const leanspike_rate_matmul_args &a, int64_t first, int64_t rows, int64_t p, const float *sums) {
    const Vec threshold = broadcast(a.neuron.threshold);
    alignas(64) float bias[PANEL];
    fill_panel(bias, a.bias + p * PANEL, a.outputs - p * PANEL, 0.0f);
    for (int64_t r = 0; r < rows; ++r)
        write(a, first + r, p, sums + r * PANEL, [&](int v, Vec sum) {
            const Vec x = sum + load(bias + v * LANES);
            if (a.epilogue == LEANSPIKE_EPILOGUE_REAL) return x;
            return rate(a.epilogue == LEANSPIKE_EPILOGUE_MEMBRANE ? x : gelu(x), threshold);
        });
}

} // namespace

void rate_matmul(const rate_matmul_job &job, int64_t item, unsigned char *scratch) {
    const leanspike_rate_matmul_args &a = *job.args;
    const int64_t panels = words_of(a.outputs);
    const int64_t panel_floats = words_of(a.inputs) * 64 * PANEL;
    const int64_t first = item / job.spans * job.tile_rows;
    const int64_t rows = a.rows - first < job.tile_rows ? a.rows - first : job.tile_rows;
    const int64_t begin = item % job.spans * job.span_panels;
    const int64_t end = begin + job.span_panels < panels ? begin + job.span_panels : panels;
    float *sums = reinterpret_cast<float *>(scratch + job.sums_at);
    if (a.epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE) {
        const int64_t stride = panels * PANEL;
        for (int64_t p = 0; p < panels; ++p) {
            product(a, first, rows, a.packed + p * panel_floats, sums + p * PANEL, stride);
            add_bias_and_residual(a, first, rows, p, sums + p * PANEL, stride);
        }
        write_normalized(a, first, rows, sums, stride);
        return;
    }
    for (int64_t p = begin; p < end; ++p) {
        product(a, first, rows, a.packed + p * panel_floats, sums, PANEL);
        write_columns(a, first, rows, p, sums);
    }
}

} // namespace leanspike::LEANSPIKE_VARIANT
