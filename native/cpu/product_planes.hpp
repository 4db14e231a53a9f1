// The product with weights of -1, 0 and 1 as bit planes, for one panel of 64 outputs: AND + POPCNT.
//
// Layout   packed[panel][word of inputs][plane][64 outputs] words: the plus plane, then (ternary) the minus plane.
// Fast     Vectors of outputs meet four rows of spikes, so that a weight word is loaded once for four of them, and counts become currents
//          straight from registers. Ternary sums are popcnt(s & plus) - popcnt(s & minus); binary ones 2 popcnt(s & plus) - popcnt(s), the
//          last once a row. The time does not depend on how many units spike: it is what serves dense spikes.
//          Tried and a fifth slower at 768 inputs: the epilogue behind each block of counts, from registers. GELU's and the membrane's chains
//          keep the counts of the next block waiting, where all rows' together keep each other busy.
#pragma once

#include "product.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int PLANE_ROWS = 4;
constexpr int STORED_VECS = LANES == 16 ? 2 : 1; // of counts that become a vector of currents
// Of them, as many as the registers hold for all rows: the more, the seldomer the loop over words ends, and 768 inputs are but 12 words.
constexpr int PLANE_STORES = LANES == 16 ? 2 : 1;

using Counts = Words[STORED_VECS];

// ROWS rows of spikes x one panel. Kept apart, so that its pointers have the registers to themselves.
template <bool BINARY, int ROWS>
[[gnu::noinline]] void count_planes(const uint64_t *const *spikes, const uint64_t *panel, int64_t words, const uint64_t *all, const float *scale,
                                    float *const *out) {
    constexpr int64_t PLANES = BINARY ? 1 : 2;
    const uint64_t *row[ROWS];
    for (int r = 0; r < ROWS; ++r) row[r] = spikes[r];
    for (int j = 0; j < PANEL; j += PLANE_STORES * STORED_VECS * WORDS) {
        Counts sum[ROWS][PLANE_STORES];
        for (auto &of_row : sum)
            for (Counts &counts : of_row)
                for (Words &count : counts) count = no_words();
        const uint64_t *weights = panel + j;
        for (int64_t w = 0; w < words; ++w, weights += PLANES * PANEL) {
            Words s[ROWS];
            for (int r = 0; r < ROWS; ++r) s[r] = broadcast_word(row[r][w]);
            for (int v = 0; v < PLANE_STORES * STORED_VECS; ++v) {
                const auto count = [&](int r) -> Words & { return sum[r][v / STORED_VECS][v % STORED_VECS]; };
                const Words plus = load_words(weights + v * WORDS);
                for (int r = 0; r < ROWS; ++r) count(r) = count(r) + popcount(s[r] & plus);
                if constexpr (!BINARY) {
                    const Words minus = load_words(weights + PANEL + v * WORDS);
                    for (int r = 0; r < ROWS; ++r) count(r) = count(r) - popcount(s[r] & minus);
                }
            }
        }
        for (int r = 0; r < ROWS; ++r)
            for (int i = 0; i < PLANE_STORES; ++i) {
                if constexpr (BINARY)
                    for (Words &count : sum[r][i]) count = count + count - broadcast_word(all[r]);
                const int at = j + i * STORED_VECS * WORDS;
                store_scaled(out[r] + at, sum[r][i], scale + at);
            }
    }
}

template <bool BINARY>
inline void product_planes(const leanspike_spike_matmul_args &a, const Rows &rows, const PanelCurrents &out) {
    const int64_t words = words_of(a.inputs);
    const uint64_t inside = low_bits(a.inputs - (words - 1) * 64); // stray spikes beyond the inputs meet no weight
    const uint64_t *panel = static_cast<const uint64_t *>(a.packed) + out.first * words * (BINARY ? 1 : 2) * PANEL;
    alignas(64) float scale[PANEL];
    fill_scales(scale, a, out.first);
    for (int64_t first = 0; first < rows.count(); first += PLANE_ROWS) {
        const int64_t left = rows.count() - first < PLANE_ROWS ? rows.count() - first : PLANE_ROWS;
        const uint64_t *spikes[PLANE_ROWS];
        float *currents[PLANE_ROWS];
        uint64_t all[PLANE_ROWS] = {};
        for (int64_t i = 0; i < left; ++i) {
            const int64_t r = first + i;
            spikes[i] = spikes_in(a, rows, r / rows.timesteps) + r % rows.timesteps * words;
            currents[i] = out.at(r, out.first);
            if constexpr (BINARY)
                for (int64_t w = 0; w < words; ++w)
                    all[i] += static_cast<uint64_t>(__builtin_popcountll(spikes[i][w] & (w + 1 < words ? ~uint64_t{0} : inside)));
        }
        if (left == PLANE_ROWS)
            count_planes<BINARY, PLANE_ROWS>(spikes, panel, words, all, scale, currents);
        else
            for (int64_t i = 0; i < left; ++i) count_planes<BINARY, 1>(spikes + i, panel, words, all + i, scale, currents + i);
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
