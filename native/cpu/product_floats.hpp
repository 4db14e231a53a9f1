// The product with float32 weights, for one panel of 64 outputs.
//
// A block of 128 inputs x 64 outputs (32 KB) passes over all rows of the tile while it is in the first-level cache; each row walks its
// set bits and adds 64-float weight rows into registers. The bits run ahead of the additions, so the unpredictable ends of the words
// cost little. The next block is prefetched into the second-level cache meanwhile.
#pragma once

#include "product.hpp"
#include "spike_accumulate.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int64_t BLOCK_WORDS = 2;                           // inputs a block: 128
constexpr int64_t BLOCK_FLOATS = BLOCK_WORDS * 64 * PANEL;   // 32 KB of weights
constexpr int ACCS = PANEL_VECS < 8 ? PANEL_VECS : 8;        // more would not fit 16 registers
constexpr int PASSES = PANEL_VECS / ACCS;

[[gnu::noinline]] void product_floats(const leanspike_spike_matmul_args &a, const Rows &rows, const PanelCurrents &out) {
    const int64_t words = words_of(a.inputs), panel_floats = words * 64 * PANEL;
    const float *packed = static_cast<const float *>(a.packed);
    const float *panel = packed + out.first * panel_floats;
    const float *next_panel = out.first + 1 < words_of(a.outputs) ? panel + panel_floats : packed;
    for (int64_t w0 = 0; w0 < words; w0 += BLOCK_WORDS) {
        const int64_t block_words = words - w0 < BLOCK_WORDS ? words - w0 : BLOCK_WORDS;
        const float *block = panel + w0 * 64 * PANEL;
        const float *next = w0 + BLOCK_WORDS < words ? block + BLOCK_FLOATS : next_panel;
        int64_t row = 0;
        for (int64_t i = 0; i < rows.tokens; ++i) {
            const uint64_t *spikes = spikes_in(a, rows, i) + w0;
            for (int64_t t = 0; t < rows.timesteps; ++t, ++row, spikes += words) {
                prefetch_share(next, BLOCK_FLOATS * 4, row, rows.count());
                for (int pass = 0; pass < PASSES; ++pass) {
                    float *sums = out.at(row, out.first) + pass * ACCS * LANES;
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

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
