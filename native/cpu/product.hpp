// What the products of spike_matmul share: the rows they take and where their results go.
#pragma once

#include "kernels.hpp"
#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// The rows of one tile at one stretch of time: token-major, timesteps side by side.
struct Rows {
    int64_t first, tokens;
    int64_t t0, timesteps;

    int64_t count() const { return tokens * timesteps; }
};

// Currents of panels first .. first + count - 1: 64 floats a row and panel.
struct PanelCurrents {
    int64_t first, count;
    float *base;
    int64_t row_stride, panel_stride;

    float *at(int64_t row, int64_t panel) const { return base + row * row_stride + (panel - first) * panel_stride; }
};

inline const uint64_t *spikes_in(const leanspike_spike_matmul_args &a, const Rows &rows, int64_t token) {
    return a.input + ((rows.first + token) * a.timesteps + rows.t0) * words_of(a.inputs);
}

constexpr int64_t LINE = 64;          // bytes of a cache line
constexpr int64_t PREFETCH_ROWS = 16; // with fewer rows a block's untouched weights are not worth fetching

// Asks for a row's share of the `bytes` at `next` into the second-level cache, while the rows of a tile pass over the block before: which
// weights a row adds is known too late to wait for them one by one.
inline void prefetch_share(const void *next, int64_t bytes, int64_t row, int64_t rows) {
    if (rows < PREFETCH_ROWS) return;
    const int64_t lines = (bytes / LINE + rows - 1) / rows;
    const int64_t first = row * lines, end = first + lines < bytes / LINE ? first + lines : bytes / LINE;
    for (int64_t i = first; i < end; ++i) __builtin_prefetch(static_cast<const char *>(next) + i * LINE, 0, 2);
    __asm__ volatile(""); // GCC takes a function that does nothing but prefetch for one without effect, and drops its calls
}

// The scales of a panel's outputs; 0 beyond the last.
inline void fill_scales(float *scale, const leanspike_spike_matmul_args &a, int64_t panel) {
    const int64_t left = a.outputs - panel * PANEL;
    fill_panel(scale, a.scale + panel * PANEL, left < PANEL ? left : PANEL, 0.0f);
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
