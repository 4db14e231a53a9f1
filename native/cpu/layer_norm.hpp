// LayerNorm over a row that is padded with zeros to whole panels: mean and inverse deviation by two passes. A panel's columns are
// summed pairwise in float32 and panels in float64, so the sums carry a few float32 roundings however wide the row.
#pragma once

#include <cmath>

#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

struct Moments {
    float mean;
    float scale; // 1 / sqrt(variance + eps)
};

inline Vec pairwise_sum(Vec (&x)[PANEL_VECS]) {
    for (int half = PANEL_VECS / 2; half > 0; half /= 2)
        for (int v = 0; v < half; ++v) x[v] = x[v] + x[v + half];
    return x[0];
}

inline Moments moments(const float *row, int64_t width, float eps) {
    DoubleSum sum;
    for (int64_t j = 0; j < width; j += PANEL) {
        Vec x[PANEL_VECS];
        for (int v = 0; v < PANEL_VECS; ++v) x[v] = load(row + j + v * LANES);
        sum.add(pairwise_sum(x));
    }
    const float mean = static_cast<float>(sum.total() / static_cast<double>(width));
    const Vec centre = broadcast(mean);
    DoubleSum squares;
    for (int64_t j = 0; j < width; j += PANEL) {
        Vec x[PANEL_VECS];
        for (int v = 0; v < PANEL_VECS; ++v) {
            const Vec d = load(row + j + v * LANES) - centre;
            x[v] = d * d;
        }
        if (width - j < PANEL) // the padding is no column
            for (int v = 0; v < PANEL_VECS; ++v) x[v] = select(mask_from_word(low_bits(width - j), v), x[v], zero());
        squares.add(pairwise_sum(x));
    }
    const double variance = squares.total() / static_cast<double>(width);
    return {mean, static_cast<float>(1.0 / sqrt(variance + static_cast<double>(eps)))};
}

inline Vec normalize(Vec x, Moments m, Vec weight, Vec bias) {
    return fma((x - broadcast(m.mean)) * broadcast(m.scale), weight, bias);
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
