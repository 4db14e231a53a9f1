// spike_matmul: spikes x weights by additions or popcounts, then the epilogue, for a tile of tokens with all their timesteps.
//
// Layout   input [row][timestep][word]; weights in panels of 64 outputs, in one of the forms of product_*.hpp.
// Fast     The products say it themselves. Currents live in scratch that fits the second-level cache; the epilogue reads them once
//          and writes bits.
// Measured 2048 rows of timesteps (T 4 and 16 alike), MEMBRANE, float32 weights, Zen 4, one thread: dense-equivalent GMAC/s at
//          5 / 20 / 50% spikes, best of repeated runs beside other work (float32 roof of a core: 58, rate_matmul: 55). Two threads:
//          twice that where both cores were free.
//            128 x 128   570 / 220 / 100      768 x 768    673 / 229 / 99
//            128 x 512   564 / 218 / 100      768 x 3072   649 / 214 / 93
//            512 x 128   700 / 232 / 101      3072 x 768   421 / 219 / 97
//          Tried and slower: sums in registers over all inputs with the panel in the second-level cache (130 at 20% of 768 x 768),
//          lists of spike indices made once a tile (180-213), blocks of 64 inputs (more sums stored and reloaded).
#include "gelu.hpp"
#include "layer_norm.hpp"
#include "neuron.hpp"
#include "operations.hpp"
#include "product_bytes.hpp"
#include "product_floats.hpp"
#include "product_int8.hpp"
#include "product_planes.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

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

// Potentials so many floats on; null where none are kept.
float *onward(float *membranes, int64_t floats) { return membranes == nullptr ? nullptr : membranes + floats; }

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

// GELU_MEMBRANE of one timestep: a spike is all that comes out, and most currents are far from where one begins. GELU is only worked out
// for vectors with a current so near that it takes GELU to tell: the spikes are those that GELU and the neuron give, to the last bit.
void fire_once(const spike_matmul_job &job, const Rows &rows, const Panel &panel, const float *currents) {
    const leanspike_spike_matmul_args &a = *job.args;
    const Vec fires = broadcast(job.fires_from), rests = broadcast(job.rests_below);
    const Vec potential = broadcast(a.neuron.initial_potential), threshold = broadcast(a.neuron.threshold);
    for (int64_t i = 0; i < rows.tokens; ++i, currents += PANEL) {
        uint64_t word = 0;
        for (int v = 0; v < PANEL_VECS; ++v) {
            const Vec x = load(currents + v * LANES) + load(panel.bias + v * LANES);
            Mask spike = at_least(x, fires);
            if (bits_of(spike) != bits_of(at_least(x, rests))) spike = at_least(potential + gelu(x), threshold);
            word |= word_from_mask(spike, v);
        }
        *spikes_of(a, rows.first + i, 0, panel.index) = word & panel.valid;
    }
}

// MEMBRANE and GELU_MEMBRANE: the epilogue of one panel. membranes: null where all timesteps are at hand.
template <bool GELU>
void scan_columns(const leanspike_spike_matmul_args &a, const Rows &rows, const Panel &panel, const float *currents, float *membranes) {
    for (int64_t i = 0; i < rows.tokens; ++i, currents += rows.timesteps * PANEL)
        scan_panel_by<GELU ? GELU_VECS : 1>(a.neuron, rows.timesteps, onward(membranes, i * PANEL), panel.valid,
                                            spikes_of(a, rows.first + i, rows.t0, panel.index), words_of(a.outputs),
                                            [&]<int VECS>(int64_t t, int first, Vec (&x)[VECS]) {
                                                for (int v = 0; v < VECS; ++v)
                                                    x[v] = load(currents + t * PANEL + (first + v) * LANES) + load(panel.bias + (first + v) * LANES);
                                                if constexpr (GELU) gelu(x);
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
    for (int64_t i = 0; i < rows.tokens; ++i, currents += rows.timesteps * stride, row_moments += rows.timesteps)
        scan_panel(a.neuron, rows.timesteps, onward(membranes, i * stride), low_bits(columns), spikes_of(a, rows.first + i, rows.t0, p),
                   words_of(a.outputs),
                   [&](int64_t t, int v) {
                       return normalize(load(currents + t * stride + v * LANES), row_moments[t], load(weight + v * LANES), load(bias + v * LANES));
                   });
}

} // namespace

void spike_matmul(const spike_matmul_job &job, int64_t item, unsigned char *scratch) {
    const leanspike_spike_matmul_args &a = *job.args;
    const int64_t panels = words_of(a.outputs);
    const int64_t first = item / job.spans * job.tile_rows;
    const int64_t begin = item % job.spans * job.span_panels;
    const int64_t end = begin + job.span_panels < panels ? begin + job.span_panels : panels;
    Rows rows = {first, a.rows - first < job.tile_rows ? a.rows - first : job.tile_rows, 0, 0};
    float *currents = reinterpret_cast<float *>(scratch + job.currents_at);
    float *membranes = job.time_span < a.timesteps ? reinterpret_cast<float *>(scratch + job.membranes_at) : nullptr;
    Moments *row_moments = reinterpret_cast<Moments *>(scratch + job.moments_at);
    int16_t *sums = reinterpret_cast<int16_t *>(scratch + job.sums_at);

    SpikeLists lists(a, job.tile_rows * job.time_span, job.listed_blocks, scratch + job.lists_at);
    const auto product = [&](const PanelCurrents &out) {
        switch (a.weights) {
        case LEANSPIKE_WEIGHTS_BYTES: product_bytes(a, rows, lists, out, sums); break;
        case LEANSPIKE_WEIGHTS_TERNARY_PLANES: product_planes<false>(a, rows, out); break;
        case LEANSPIKE_WEIGHTS_BINARY_PLANE: product_planes<true>(a, rows, out); break;
        case LEANSPIKE_WEIGHTS_INT8_BYTES: product_int8_added(a, rows, lists, out); break;
        case LEANSPIKE_WEIGHTS_INT8_DOTS: product_int8_dotted(a, rows, out); break;
        default: product_floats(a, rows, out); break;
        }
    };
    // Panels begin .. end - 1, a group at a time.
    const auto each_group = [&](int64_t from, int64_t to, auto body) {
        for (int64_t p = from; p < to; p += job.group_panels) body(p, to - p < job.group_panels ? to - p : job.group_panels);
    };
    const auto each_time_span = [&](auto body) {
        for (rows.t0 = 0; rows.t0 < a.timesteps; rows.t0 += rows.timesteps) {
            rows.timesteps = a.timesteps - rows.t0 < job.time_span ? a.timesteps - rows.t0 : job.time_span;
            body();
        }
    };

    if (a.epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE) {
        const int64_t stride = panels * PANEL;
        if (membranes != nullptr) rest_membranes(a.neuron, membranes, rows.tokens * stride);
        each_time_span([&] {
            each_group(0, panels, [&](int64_t p, int64_t count) {
                product({p, count, currents + p * PANEL, stride, PANEL});
                for (int64_t q = p; q < p + count; ++q) add_bias_and_residual(a, rows, Panel(a, q), currents + q * PANEL, stride);
            });
            for (int64_t r = 0; r < rows.tokens * rows.timesteps; ++r) row_moments[r] = moments(currents + r * stride, a.outputs, a.norm.eps);
            for (int64_t p = 0; p < panels; ++p)
                scan_normalized(a, rows, p, currents + p * PANEL, stride, row_moments, onward(membranes, p * PANEL));
        });
        return;
    }
    each_group(begin, end, [&](int64_t group, int64_t count) {
        if (membranes != nullptr) rest_membranes(a.neuron, membranes, count * rows.tokens * PANEL);
        each_time_span([&] {
            const PanelCurrents out = {group, count, currents, PANEL, rows.count() * PANEL};
            product(out);
            for (int64_t p = group; p < group + count; ++p) {
                const Panel panel(a, p);
                float *potentials = onward(membranes, (p - group) * rows.tokens * PANEL);
                if (a.epilogue == LEANSPIKE_EPILOGUE_REAL)
                    write_real(a, rows, panel, out.at(0, p));
                else if (a.epilogue == LEANSPIKE_EPILOGUE_MEMBRANE)
                    scan_columns<false>(a, rows, panel, out.at(0, p), potentials);
                else if (a.timesteps == 1)
                    fire_once(job, rows, panel, out.at(0, p));
                else
                    scan_columns<true>(a, rows, panel, out.at(0, p), potentials);
            }
        });
    });
}

} // namespace leanspike::LEANSPIKE_VARIANT
