// The product with weights of -1, 0 and 1 as bit planes, for one panel of 64 outputs: AND + POPCNT.
//
// Layout   packed[panel][word of inputs][plane][64 outputs] words: the plus plane, then (ternary) the minus plane.
// Fast     A vector of outputs meets four rows of spikes, so that a weight word is loaded once for four of them. Ternary sums are
//          popcnt(s & plus) - popcnt(s & minus); binary ones 2 popcnt(s & plus) - popcnt(s), the last once a row. The time does not
//          depend on how many units spike: it is what serves dense spikes.
#pragma once

#include "product.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int64_t PLANE_ROWS = 4;

// The spike words of up to PLANE_ROWS rows; rows beyond the last repeat it.
struct RowSpikes {
    const uint64_t *row[PLANE_ROWS];

    RowSpikes(const leanspike_spike_matmul_args &a, const Rows &rows, int64_t first) {
        for (int64_t i = 0; i < PLANE_ROWS; ++i) {
            const int64_t r = first + i < rows.count() ? first + i : rows.count() - 1;
            row[i] = spikes_in(a, rows, r / rows.timesteps) + r % rows.timesteps * words_of(a.inputs);
        }
    }
};

template <bool BINARY>
inline void product_planes(const leanspike_spike_matmul_args &a, const Rows &rows, const PanelCurrents &out) {
    constexpr int64_t PLANES = BINARY ? 1 : 2;
    const int64_t words = words_of(a.inputs);
    const uint64_t inside = low_bits(a.inputs - (words - 1) * 64); // stray spikes beyond the inputs meet no weight
    const uint64_t *panel = static_cast<const uint64_t *>(a.packed) + out.first * words * PLANES * PANEL;
    alignas(64) float scale[PANEL];
    fill_scales(scale, a, out.first);
    for (int64_t first = 0; first < rows.count(); first += PLANE_ROWS) {
        const RowSpikes spikes(a, rows, first);
        int64_t all[PLANE_ROWS] = {};
        if constexpr (BINARY)
            for (int64_t i = 0; i < PLANE_ROWS; ++i)
                for (int64_t w = 0; w < words; ++w) all[i] += __builtin_popcountll(spikes.row[i][w] & (w + 1 < words ? ~uint64_t{0} : inside));
        alignas(64) int64_t sums[PLANE_ROWS][PANEL];
        for (int j = 0; j < PANEL; j += WORDS) {
            Words sum[PLANE_ROWS];
            for (int64_t i = 0; i < PLANE_ROWS; ++i) sum[i] = no_words();
            const uint64_t *weights = panel + j;
            for (int64_t w = 0; w < words; ++w, weights += PLANES * PANEL) {
                const Words plus = load_words(weights);
                const Words minus = BINARY ? plus : load_words(weights + (PLANES - 1) * PANEL);
                for (int64_t i = 0; i < PLANE_ROWS; ++i) {
                    const Words s = broadcast_word(spikes.row[i][w]);
                    sum[i] = sum[i] + popcount(s & plus);
                    if constexpr (!BINARY) sum[i] = sum[i] - popcount(s & minus);
                }
            }
            for (int64_t i = 0; i < PLANE_ROWS; ++i) store_words(sums[i] + j, sum[i]);
        }
        for (int64_t i = 0; i < PLANE_ROWS && first + i < rows.count(); ++i) {
            float *to = out.at(first + i, out.first);
            for (int j = 0; j < PANEL; ++j) to[j] = scale[j] * static_cast<float>(BINARY ? 2 * sums[i][j] - all[i] : sums[i][j]);
        }
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
