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

// The scales of a panel's outputs; 0 beyond the last.
inline void fill_scales(float *scale, const leanspike_spike_matmul_args &a, int64_t panel) {
    const int64_t left = a.outputs - panel * PANEL;
    fill_panel(scale, a.scale + panel * PANEL, left < PANEL ? left : PANEL, 0.0f);
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
