// The membrane scan: 64 neurons of one row through consecutive timesteps, membranes in registers, spikes straight from the compare
// masks into one word a timestep. current(t, v) yields the input current of vector v at timestep t, so whatever precedes the neuron
// (bias, GELU, LayerNorm) is fused into the scan.
#pragma once

#include "leanspike.h"
#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

struct SoftReset {
    static Vec apply(Vec u, Mask spike, Vec threshold, Vec leak) { return leak * subtract_where(spike, u, threshold); }
};
// The same where nothing leaks.
struct KeepingReset {
    static Vec apply(Vec u, Mask spike, Vec threshold, Vec) { return subtract_where(spike, u, threshold); }
};
struct HardReset {
    static Vec apply(Vec u, Mask spike, Vec, Vec leak) { return zero_where(spike, leak * u); }
};

// body.template operator()<Reset>() with the reset that the neuron has.
template <class Body>
inline void with_reset(const leanspike_neuron &neuron, const Body &body) {
    if (neuron.reset != LEANSPIKE_RESET_SOFT)
        body.template operator()<HardReset>();
    else if (neuron.leak == 1.0f)
        body.template operator()<KeepingReset>();
    else
        body.template operator()<SoftReset>();
}

// membrane: the 64 potentials, in and out; null: they start at rest, and what becomes of them does not matter. valid: the columns that exist; the
// others never spike. spikes advances by stride words. currents(t, v, x) yields those of VECS vectors from v on.
template <int VECS, class Currents>
inline void scan_panel_by(const leanspike_neuron &neuron, int64_t timesteps, float *membrane, uint64_t valid, uint64_t *spikes, int64_t stride,
                          const Currents &currents) {
    const Vec threshold = broadcast(neuron.threshold);
    const Vec leak = broadcast(neuron.leak);
    Vec u[PANEL_VECS];
    for (int v = 0; v < PANEL_VECS; ++v) u[v] = membrane != nullptr ? load(membrane + v * LANES) : broadcast(neuron.initial_potential);
    with_reset(neuron, [&]<class Reset>() {
        for (int64_t t = 0; t < timesteps; ++t) {
            uint64_t word = 0;
            for (int first = 0; first < PANEL_VECS; first += VECS) {
                Vec x[VECS];
                currents(t, first, x);
                for (int i = 0; i < VECS; ++i) {
                    const int v = first + i;
                    u[v] = u[v] + x[i];
                    const Mask spike = at_least(u[v], threshold);
                    word |= word_from_mask(spike, v);
                    u[v] = Reset::apply(u[v], spike, threshold, leak);
                }
            }
            spikes[t * stride] = word & valid;
        }
    });
    if (membrane != nullptr)
        for (int v = 0; v < PANEL_VECS; ++v) store(membrane + v * LANES, u[v]);
}

// current(t, v): that of one vector.
template <class Current>
inline void scan_panel(const leanspike_neuron &neuron, int64_t timesteps, float *membrane, uint64_t valid, uint64_t *spikes, int64_t stride,
                       const Current &current) {
    scan_panel_by<1>(neuron, timesteps, membrane, valid, spikes, stride, [&](int64_t t, int v, Vec (&x)[1]) { x[0] = current(t, v); });
}

inline void rest_membranes(const leanspike_neuron &neuron, float *membranes, int64_t count) {
    for (int64_t j = 0; j < count; ++j) membranes[j] = neuron.initial_potential;
}

// The equilibrium rate clamp(x / threshold, 0, 1).
inline Vec rate(Vec x, Vec threshold) { return minimum(maximum(divide(x, threshold), zero()), broadcast(1.0f)); }

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
