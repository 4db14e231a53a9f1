// The product with weights of -1, 0 and 1 as bytes, for up to four panels of 64 outputs together.
//
// Layout   packed[panel][input, whole words][64] bytes.
// Fast     A spike adds 64 outputs with one instruction where float32 needs four, and finding the spike is shared by 256 outputs. A block
//          of 128 inputs x 256 outputs (32 KB) passes over all rows of the tile while it is in the first-level cache. Its sums fit a
//          byte (a block in which all 128 inputs spike is taken in halves) and are then added to the row's int16 sums.
// Measured Zen 5, one thread of a busy machine, dense-equivalent GMAC/s of the bare product at 5 / 20 / 50% spikes, 768 outputs:
//            768 inputs   4121 / 1635 / 768     3072 inputs   2076 / 1243 / 739
//          beside float32 weights 1389 / 412 / 180 and popcounts over two planes 1353 at any density.
//          Tried and slower: one and two panels together (654 and 1128 at 20% of 768 inputs).
#pragma once

#include "product.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

typedef int8_t Bytes __attribute__((vector_size(PANEL)));

constexpr int64_t BYTE_BLOCK_WORDS = 2;
constexpr int MOST_PANELS = 4;

// acc += the weights of the inputs that spike in a word, of each panel.
template <int PANELS>
inline void add_bytes(uint64_t spikes, const int8_t *weights, int64_t panel_bytes, Bytes (&acc)[PANELS]) {
    for (uint64_t bits = spikes; bits != 0; bits &= bits - 1) {
        const int8_t *row = weights + __builtin_ctzll(bits) * PANEL;
        for (int p = 0; p < PANELS; ++p) acc[p] += *reinterpret_cast<const Bytes *>(row + p * panel_bytes);
    }
}

// The bytes of each panel onto the row's int16 sums, or in their place where they are the first.
template <int PANELS>
inline void widen(const Bytes (&acc)[PANELS], int16_t *sums, bool first) {
    for (int p = 0; p < PANELS; ++p, sums += PANEL) {
        alignas(64) int8_t bytes[PANEL];
        *reinterpret_cast<Bytes *>(bytes) = acc[p];
        if (first)
            for (int j = 0; j < PANEL; ++j) sums[j] = bytes[j];
        else
            for (int j = 0; j < PANEL; ++j) sums[j] = static_cast<int16_t>(sums[j] + bytes[j]);
    }
}

template <int PANELS>
inline void sum_bytes(const leanspike_spike_matmul_args &a, const Rows &rows, const int8_t *weights, int64_t panel_bytes, int16_t *sums) {
    const int64_t words = words_of(a.inputs);
    for (int64_t w0 = 0; w0 < words; w0 += BYTE_BLOCK_WORDS) {
        const bool pair = w0 + 1 < words;
        const int8_t *block = weights + w0 * 64 * PANEL;
        int16_t *row_sums = sums;
        for (int64_t i = 0; i < rows.tokens; ++i) {
            const uint64_t *spikes = spikes_in(a, rows, i) + w0;
            for (int64_t t = 0; t < rows.timesteps; ++t, spikes += words, row_sums += PANELS * PANEL) {
                Bytes acc[PANELS] = {};
                bool first = w0 == 0;
                add_bytes(spikes[0], block, panel_bytes, acc);
                if (pair) {
                    if ((spikes[0] & spikes[1]) == ~uint64_t{0}) { // 128 would not fit a byte
                        widen(acc, row_sums, first);
                        for (int p = 0; p < PANELS; ++p) acc[p] = Bytes{};
                        first = false;
                    }
                    add_bytes(spikes[1], block + 64 * PANEL, panel_bytes, acc);
                }
                widen(acc, row_sums, first);
            }
        }
    }
}

inline void product_bytes(const leanspike_spike_matmul_args &a, const Rows &rows, const PanelCurrents &out, int16_t *sums) {
    const int64_t panel_bytes = words_of(a.inputs) * 64 * PANEL;
    const int8_t *weights = static_cast<const int8_t *>(a.packed) + out.first * panel_bytes;
    switch (out.count) {
    case 1: sum_bytes<1>(a, rows, weights, panel_bytes, sums); break;
    case 2: sum_bytes<2>(a, rows, weights, panel_bytes, sums); break;
    case 3: sum_bytes<3>(a, rows, weights, panel_bytes, sums); break;
    default: sum_bytes<MOST_PANELS>(a, rows, weights, panel_bytes, sums); break;
    }
    for (int64_t p = out.first; p < out.first + out.count; ++p) {
        alignas(64) float scale[PANEL];
        fill_scales(scale, a, p);
        for (int64_t row = 0; row < rows.count(); ++row) {
            const int16_t *from = sums + (row * out.count + p - out.first) * PANEL;
            float *to = out.at(row, p);
            for (int j = 0; j < PANEL; ++j) to[j] = scale[j] * static_cast<float>(from[j]);
        }
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
