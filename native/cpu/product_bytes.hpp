// The product with weights of -1, 0 and 1 as bytes, for two panels of 64 outputs together.
//
// Layout   packed[panel][input, whole words][64] bytes.
// Fast     A spike adds 64 outputs with one instruction where float32 needs four, and finding the spike is shared by 128 outputs. A block
//          of 256 inputs x 128 outputs (32 KB) passes over all rows of the tile while it is in the first-level cache. Its sums fit a
//          byte (a row in which more than 127 inputs spike is taken in parts) and are then added to the row's int16 sums.
#pragma once

#include "byte_blocks.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int64_t MOST_BYTE_TERMS = 127;           // whose sum fits a byte
constexpr int MOST_PANELS = 2;                     // whose block fits the first-level cache
constexpr int PANEL_BYTES = PANEL / (4 * LANES);   // vectors of bytes a panel

template <int PANELS>
using ByteSums = Bytes[PANELS][PANEL_BYTES];

template <int PANELS>
inline void clear_bytes(ByteSums<PANELS> &acc) {
    for (auto &of_panel : acc)
        for (Bytes &sums : of_panel) sums = no_bytes();
}

// The weights of `count` inputs, of each panel, in place of what acc holds. Two sets of sums by turns: an addition waits for the one before.
template <int PANELS>
inline void add_bytes(const uint8_t *inputs, int64_t count, const int8_t *block, int64_t panel_bytes, ByteSums<PANELS> &acc) {
    ByteSums<PANELS> others;
    clear_bytes<PANELS>(acc);
    clear_bytes<PANELS>(others);
    const auto add = [&](uint8_t input, ByteSums<PANELS> &to) {
        const int8_t *row = block + input * PANEL;
        for (int p = 0; p < PANELS; ++p)
            for (int v = 0; v < PANEL_BYTES; ++v) to[p][v] = to[p][v] + (row + p * panel_bytes + v * 4 * LANES);
    };
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
        add(inputs[i], acc);
        add(inputs[i + 1], others);
        add(inputs[i + 2], acc);
        add(inputs[i + 3], others);
    }
    for (; i < count; ++i) add(inputs[i], acc);
    for (int p = 0; p < PANELS; ++p)
        for (int v = 0; v < PANEL_BYTES; ++v) acc[p][v] = acc[p][v] + others[p][v];
}

// The bytes of each panel onto the row's int16 sums, or in their place where they are the first.
template <int PANELS>
inline void widen(const ByteSums<PANELS> &acc, int16_t *sums, bool first) {
    for (int p = 0; p < PANELS; ++p)
        for (int v = 0; v < PANEL_BYTES; ++v, sums += 4 * LANES) {
            const Shorts low = first_half(acc[p][v]), high = second_half(acc[p][v]);
            store_shorts(sums, first ? low : load_shorts(sums) + low);
            store_shorts(sums + 2 * LANES, first ? high : load_shorts(sums + 2 * LANES) + high);
        }
}

// One block for all rows. `sums` are those of PANELS panels in the first row, `stride` int16 from row to row.
template <int PANELS>
[[gnu::noinline]] void sum_bytes(const ListedRow *listed, int64_t rows, const uint8_t *inputs, const ByteBlock &block, const ByteBlock &next, int16_t *sums,
                                 int64_t stride, bool first) {
    for (int64_t i = 0; i < rows; ++i) {
        next.prefetch(PANELS, i, rows);
        int16_t *row_sums = sums + listed[i].row * stride;
        int64_t count = listed[i].count;
        bool fresh = first;
        ByteSums<PANELS> acc;
        while (count > MOST_BYTE_TERMS) { // would not fit a byte
            add_bytes<PANELS>(inputs, MOST_BYTE_TERMS, block.weights, block.panel_bytes, acc);
            widen<PANELS>(acc, row_sums, fresh);
            fresh = false;
            inputs += MOST_BYTE_TERMS;
            count -= MOST_BYTE_TERMS;
        }
        add_bytes<PANELS>(inputs, count, block.weights, block.panel_bytes, acc);
        widen<PANELS>(acc, row_sums, fresh);
        inputs += count;
    }
}

inline void product_bytes(const leanspike_spike_matmul_args &a, const Rows &rows, SpikeLists &lists, const PanelCurrents &out, int16_t *sums) {
    const ByteBlocks blocks(a, out.first, out.count);
    const int64_t stride = out.count * PANEL;
    lists.each_block(rows, [&](int64_t number, const ListedRow *listed, const uint8_t *inputs) {
        blocks.each<MOST_PANELS>(number, [&]<int PANELS>(int64_t panel, const ByteBlock &block, const ByteBlock &next) {
            sum_bytes<PANELS>(listed, rows.count(), inputs, block, next, sums + (panel - out.first) * PANEL, stride, number == 0);
        });
    });
    for (int64_t p = out.first; p < out.first + out.count; ++p) {
        alignas(64) float scale[PANEL];
        fill_scales(scale, a, p);
        for (int64_t row = 0; row < rows.count(); ++row) {
            const int16_t *from = sums + (row * out.count + p - out.first) * PANEL;
            float *to = out.at(row, p);
            for (int j = 0; j < PANEL; j += 2 * LANES) {
                const Shorts sum = load_shorts(from + j);
                store(to + j, load(scale + j) * to_floats(first_half(sum)));
                store(to + j + LANES, load(scale + j + LANES) * to_floats(second_half(sum)));
            }
        }
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
