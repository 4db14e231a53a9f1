// spike_matmul: spikes x weights by additions, then the epilogue, for a tile of tokens with all their timesteps.
//
// Layout   input [row][timestep][word]; weights in panels of 64 outputs, [panel][input, whole words][64] (pack_weights).
// Fast     A block of 128 inputs x 64 outputs (32 KB) passes over all rows of the tile while it is in the first-level cache; each
//          row walks its set bits and adds 64-float weight rows into registers. The bits run ahead of the additions, so the
//          unpredictable ends of the words cost little. The next block is prefetched into the second-level cache meanwhile.
//          Currents live in scratch that fits the second-level cache; the epilogue reads them once and writes bits.
// Measured 2048 rows of timesteps (T 4 and 16 alike), MEMBRANE, Zen 4, one thread: dense-equivalent GMAC/s at 5 / 20 / 50% spikes,
//          best of repeated runs beside other work (float32 roof of a core: 58, rate_matmul: 55). Two threads: twice that where both
//          cores were free.
//            128 x 128   570 / 220 / 100      768 x 768    673 / 229 / 99
//            128 x 512   564 / 218 / 100      768 x 3072   649 / 214 / 93
//            512 x 128   700 / 232 / 101      3072 x 768   421 / 219 / 97
//          Tried and slower: sums in registers over all inputs with the panel in the second-level cache (130 at 20% of 768 x 768),
//          lists of spike indices made once a tile (180-213), blocks of 64 inputs (more sums stored and reloaded).
#include "gelu.hpp"
#include "layer_norm.hpp"
#include "neuron.hpp"
#include "operations.hpp"
#include "spike_accumulate.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int64_t BLOCK_WORDS = 2;                           // inputs a block: 128
constexpr int64_t BLOCK_FLOATS = BLOCK_WORDS * 64 * PANEL;   // 32 KB of weights
constexpr int ACCS = PANEL_VECS < 8 ? PANEL_VECS : 8;        // more would not fit 16 registers
constexpr int PASSES = PANEL_VECS / ACCS;
constexpr int64_t PREFETCH_ROWS = 16; // with fewer rows a block's untouched rows are not worth fetching

// The rows of one tile at one stretch of time: token-major, timesteps side by side.
struct Rows {
    int64_t first, tokens;
    int64_t t0, timesteps;
};

void prefetch_share(const float *block, int64_t row, int64_t rows) {
    const int64_t lines = (BLOCK_FLOATS / 16 + rows - 1) / rows;
    for (int64_t i = 0; i < lines; ++i) __builtin_prefetch(block + (row * lines + i) * 16, 0, 2);
}

// currents[row][0 .. 63] = product of the rows with one panel.
void product(const leanspike_spike_matmul_args &a, const Rows &rows, const float *panel, const float *next_panel, float *currents, int64_t stride) {
    const int64_t words = words_of(a.inputs);
    const int64_t count = rows.tokens * rows.timesteps;
    for (int64_t w0 = 0; w0 < words; w0 += BLOCK_WORDS) {
        const int64_t block_words = words - w0 < BLOCK_WORDS ? words - w0 : BLOCK_WORDS;
        const float *block = panel + w0 * 64 * PANEL;
        const float *next = w0 + BLOCK_WORDS < words ? block + BLOCK_FLOATS : next_panel;
        int64_t row = 0;
        for (int64_t i = 0; i < rows.tokens; ++i) {
            const uint64_t *spikes = a.input + ((rows.first + i) * a.timesteps + rows.t0) * words + w0;
            for (int64_t t = 0; t < rows.timesteps; ++t, ++row, spikes += words) {
                if (count >= PREFETCH_ROWS) prefetch_share(next, row, count);
                for (int pass = 0; pass < PASSES; ++pass) {
                    float *sums = currents + row * stride + pass * ACCS * LANES;
                    Vec acc[ACCS];
                    if (w0 == 0)
                        clear_sums(acc);
                    else
                        load_sums(acc, sums);
                    accumulate_words(spikes, block_words, block + pass * ACCS * LANES, PANEL, acc);
                    store_sums(sums, acc);
                }
            }
        }
    }
}

struct Panel {
    int64_t index;
    int64_t columns; // 64 but for the last panel
    uint64_t valid;
    alignas(64) float bias[PANEL];

    Panel(const leanspike_spike_matmul_args &a, int64_t p) : index(p) {
        columns = a.outputs - p * PANEL < PANEL ? a.outputs - p * PANEL : PANEL;
        valid = low_bits(columns);
        fill_panel(bias, a.bias + p * PANEL, columns, 0.0f);
    }
};

uint64_t *spikes_of(const leanspike_spike_matmul_args &a, int64_t token, int64_t t, int64_t panel) {
    return a.spikes + (token * a.timesteps + t) * words_of(a.outputs) + panel;
}

void write_real(const leanspike_spike_matmul_args &a, const Rows &rows, const Panel &panel, const float *currents) {
    for (int64_t i = 0; i < rows.tokens; ++i)
        for (int64_t t = 0; t < rows.timesteps; ++t, currents += PANEL) {
            float *out = a.real + ((rows.first + i) * a.timesteps + rows.t0 + t) * a.outputs + panel.index * PANEL;
            for (int v = 0; v < PANEL_VECS; ++v) {
                const Vec x = load(currents + v * LANES) + load(panel.bias + v * LANES);
                const int64_t left = panel.columns - v * LANES;
                if (left >= LANES)
                    store_any(out + v * LANES, x);
                else if (left > 0)
                    store_first(out + v * LANES, left, x);
            }
        }
}

// MEMBRANE and GELU_MEMBRANE: the epilogue of one panel.
template <bool GELU>
void scan_columns(const leanspike_spike_matmul_args &a, const Rows &rows, const Panel &panel, const float *currents, float *membranes) {
    for (int64_t i = 0; i < rows.tokens; ++i, currents += rows.timesteps * PANEL, membranes += PANEL)
        scan_panel(a.neuron, rows.timesteps, membranes, panel.valid, spikes_of(a, rows.first + i, rows.t0, panel.index), words_of(a.outputs),
                   [&](int64_t t, int v) {
                       const Vec x = load(currents + t * PANEL + v * LANES) + load(panel.bias + v * LANES);
                       if constexpr (GELU)
                           return gelu(x);
                       else
                           return x;
                   });
}

void add_bias_and_residual(const leanspike_spike_matmul_args &a, const Rows &rows, const Panel &panel, float *currents, int64_t stride) {
    const int64_t words = words_of(a.outputs);
    const Vec one = broadcast(1.0f);
    for (int64_t i = 0; i < rows.tokens; ++i)
        for (int64_t t = 0; t < rows.timesteps; ++t, currents += stride) {
            const uint64_t residual = a.residual[((rows.first + i) * a.timesteps + rows.t0 + t) * words + panel.index] & panel.valid;
            for (int v = 0; v < PANEL_VECS; ++v) {
                const Vec x = load(currents + v * LANES) + load(panel.bias + v * LANES);
                store(currents + v * LANES, add_where(mask_from_word(residual, v), x, one));
            }
        }
}

void scan_normalized(const leanspike_spike_matmul_args &a, const Rows &rows, int64_t p, const float *currents, int64_t stride,
                     const Moments *row_moments, float *membranes) {
    const int64_t columns = a.outputs - p * PANEL < PANEL ? a.outputs - p * PANEL : PANEL;
    alignas(64) float weight[PANEL], bias[PANEL];
    fill_panel(weight, a.norm.weight + p * PANEL, columns, 0.0f);
    fill_panel(bias, a.norm.bias + p * PANEL, columns, 0.0f);
    for (int64_t i = 0; i < rows.tokens; ++i, currents += rows.timesteps * stride, membranes += stride, row_moments += rows.timesteps)
        scan_panel(a.neuron, rows.timesteps, membranes, low_bits(columns), spikes_of(a, rows.first + i, rows.t0, p), words_of(a.outputs),
                   [&](int64_t t, int v) {
                       return normalize(load(currents + t * stride + v * LANES), row_moments[t], load(weight + v * LANES), load(bias + v * LANES));
                   });
}

} // namespace

void spike_matmul(const spike_matmul_job &job, int64_t item, unsigned char *scratch) {
    const leanspike_spike_matmul_args &a = *job.args;
    const int64_t panels = words_of(a.outputs);
    const int64_t panel_floats = words_of(a.inputs) * 64 * PANEL;
    const int64_t first = item / job.spans * job.tile_rows;
    const int64_t begin = item % job.spans * job.span_panels;
    const int64_t end = begin + job.span_panels < panels ? begin + job.span_panels : panels;
    Rows rows = {first, a.rows - first < job.tile_rows ? a.rows - first : job.tile_rows, 0, 0};
    float *currents = reinterpret_cast<float *>(scratch + job.currents_at);
    float *membranes = reinterpret_cast<float *>(scratch + job.membranes_at);
    Moments *row_moments = reinterpret_cast<Moments *>(scratch + job.moments_at);

    const auto panel_at = [&](int64_t p) { return a.packed + (p < panels ? p : 0) * panel_floats; };
    const auto each_time_span = [&](auto body) {
        for (rows.t0 = 0; rows.t0 < a.timesteps; rows.t0 += rows.timesteps) {
            rows.timesteps = a.timesteps - rows.t0 < job.time_span ? a.timesteps - rows.t0 : job.time_span;
            body();
        }
    };

    if (a.epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE) {
        const int64_t stride = panels * PANEL;
        rest_membranes(a.neuron, membranes, rows.tokens * stride);
        each_time_span([&] {
            for (int64_t p = 0; p < panels; ++p) {
                product(a, rows, panel_at(p), panel_at(p + 1), currents + p * PANEL, stride);
                add_bias_and_residual(a, rows, Panel(a, p), currents + p * PANEL, stride);
            }
            for (int64_t r = 0; r < rows.tokens * rows.timesteps; ++r) row_moments[r] = moments(currents + r * stride, a.outputs, a.norm.eps);
            for (int64_t p = 0; p < panels; ++p)
                scan_normalized(a, rows, p, currents + p * PANEL, stride, row_moments, membranes + p * PANEL);
        });
        return;
    }
    for (int64_t p = begin; p < end; ++p) {
        const Panel panel(a, p);
        rest_membranes(a.neuron, membranes, rows.tokens * PANEL);
        each_time_span([&] {
            product(a, rows, panel_at(p), panel_at(p + 1), currents, PANEL);
            if (a.epilogue == LEANSPIKE_EPILOGUE_REAL)
                write_real(a, rows, panel, currents);
            else if (a.epilogue == LEANSPIKE_EPILOGUE_MEMBRANE)
                scan_columns<false>(a, rows, panel, currents, membranes);
            else
                scan_columns<true>(a, rows, panel, currents, membranes);
        });
    }
}

} // namespace leanspike::LEANSPIKE_VARIANT
