// The product with signed bytes as weights: exact sums in int32, times a scale an output. Two ways, of equal results.
//
// added()  Layout   packed[panel][input, whole words][64] bytes, as product_bytes.hpp.
//          Fast     A spike widens 64 bytes and adds them to int16 sums in registers: two widenings and two additions, where float32 takes
//                   four additions and four times the bytes. A block of 256 inputs x 128 outputs (32 KB) passes over all rows of the
//                   tile while it is in the first-level cache; finding a spike is shared by its panels. Then the sums, which fit int16,
//                   are added to the row's int32 sums, kept where its currents will be.
// dotted() Layout   packed[panel][input / 4, whole words][64][4] bytes.
//          Fast     Four spikes, spread to bytes, meet 64 outputs x 4 weights (VPDPBUSD, or VPMADDUBSW and an addition in int16). A
//                   tile of rows x outputs stays in registers, so that a weight is loaded once for all its rows. The time does not depend
//                   on how many units spike: it is what serves dense spikes.
#pragma once

#include "byte_blocks.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

static_assert(LIST_INPUTS * 127 < 1 << 15 && LIST_INPUTS * -128 >= -(1 << 15)); // a block's sums fit int16
constexpr int INT8_PANELS = LANES == 4 ? 1 : 2;                       // whose block fits the first-level cache, and sums the registers
constexpr int PANEL_SHORTS = PANEL / (2 * LANES);                     // vectors of int16 a panel
constexpr int TURNS = LANES == 16 ? 2 : 1;                            // sets of sums that fit the registers
constexpr int DOT_ROWS = LANES == 16 ? 4 : 2;
constexpr int DOT_VECS = LANES == 4 ? 2 : 4;
constexpr int64_t DOT_SETTLE_WORDS = 4; // 64 additions of pairs fit int16

template <int PANELS>
using ShortSums = Shorts[PANELS][PANEL_SHORTS];

// One block for all rows, PANELS panels from `panel` on.
template <int PANELS>
[[gnu::noinline]] void add_int8(const ListedRow *listed, int64_t rows, const uint8_t *inputs, const ByteBlock &block, const ByteBlock &next,
                                const PanelCurrents &out, int64_t panel, bool first) {
    for (int64_t i = 0; i < rows; ++i) {
        next.prefetch(PANELS, i, rows);
        ShortSums<PANELS> acc, others; // by turns: an addition waits for the one before
        for (int p = 0; p < PANELS; ++p)
            for (int v = 0; v < PANEL_SHORTS; ++v) acc[p][v] = others[p][v] = no_shorts();
        const auto add = [&](uint8_t input, ShortSums<PANELS> &to) {
            const int8_t *row = block.weights + input * PANEL;
            for (int p = 0; p < PANELS; ++p)
                for (int v = 0; v < PANEL_SHORTS; ++v) to[p][v] = add_bytes(to[p][v], row + p * block.panel_bytes + v * 2 * LANES);
        };
        int64_t k = 0;
        for (; TURNS > 1 && k + TURNS <= listed[i].count; k += TURNS) {
            add(inputs[k], acc);
            add(inputs[k + 1], others);
        }
        for (; k < listed[i].count; ++k) add(inputs[k], acc);
        inputs += listed[i].count;
        for (int p = 0; p < PANELS; ++p)
            for (int v = 0; v < PANEL_SHORTS; ++v) acc[p][v] = acc[p][v] + others[p][v];
        for (int p = 0; p < PANELS; ++p) {
            float *sums = out.at(listed[i].row, panel + p);
            for (int v = 0; v < PANEL_SHORTS; ++v, sums += 2 * LANES) {
                store_ints(sums, first ? first_half(acc[p][v]) : load_ints(sums) + first_half(acc[p][v]));
                store_ints(sums + LANES, first ? second_half(acc[p][v]) : load_ints(sums + LANES) + second_half(acc[p][v]));
            }
        }
    }
}

// int32 sums in place of currents become currents.
inline void scale_int_sums(const leanspike_spike_matmul_args &a, const Rows &rows, const PanelCurrents &out) {
    for (int64_t p = out.first; p < out.first + out.count; ++p) {
        alignas(64) float scale[PANEL];
        fill_scales(scale, a, p);
        for (int64_t row = 0; row < rows.count(); ++row) {
            float *sums = out.at(row, p);
            for (int v = 0; v < PANEL; v += LANES) store(sums + v, load(scale + v) * to_floats(load_ints(sums + v)));
        }
    }
}

inline void product_int8_added(const leanspike_spike_matmul_args &a, const Rows &rows, SpikeLists &lists, const PanelCurrents &out) {
    const ByteBlocks blocks(a, out.first, out.count);
    lists.each_block(rows, [&](int64_t number, const ListedRow *listed, const uint8_t *inputs) {
        blocks.each<INT8_PANELS>(number, [&]<int PANELS>(int64_t panel, const ByteBlock &block, const ByteBlock &next) {
            add_int8<PANELS>(listed, rows.count(), inputs, block, next, out, panel, number == 0);
        });
    });
    scale_int_sums(a, rows, out);
}

// Rows first .. first + ROWS - 1 of one panel.
template <int ROWS>
[[gnu::noinline]] void dot_rows(const leanspike_spike_matmul_args &a, const Rows &rows, const PanelCurrents &out, int64_t first) {
    const int64_t words = words_of(a.inputs);
    const int8_t *panel = static_cast<const int8_t *>(a.packed) + out.first * words * 64 * PANEL;
    const uint64_t *spikes[ROWS];
    for (int r = 0; r < ROWS; ++r) spikes[r] = spikes_in(a, rows, (first + r) / rows.timesteps) + (first + r) % rows.timesteps * words;
    for (int j = 0; j < PANEL; j += DOT_VECS * LANES) {
        DotSum sums[ROWS][DOT_VECS];
        for (int64_t w = 0; w < words; ++w) {
            alignas(64) uint8_t bytes[ROWS][64];
            for (int r = 0; r < ROWS; ++r) spread_bits(spikes[r][w], bytes[r]);
            const int8_t *weights = panel + w * 64 * PANEL + j * 4;
            for (int k = 0; k < 64; k += 4, weights += 4 * PANEL) {
                Quad quads[ROWS];
                for (int r = 0; r < ROWS; ++r) quads[r] = broadcast_quad(bytes[r] + k);
                for (int v = 0; v < DOT_VECS; ++v)
                    for (int r = 0; r < ROWS; ++r) sums[r][v].add(quads[r], weights + v * 4 * LANES);
            }
            if ((w + 1) % DOT_SETTLE_WORDS == 0 || w + 1 == words)
                for (auto &of_row : sums)
                    for (DotSum &sum : of_row) sum.settle();
        }
        for (int r = 0; r < ROWS; ++r)
            for (int v = 0; v < DOT_VECS; ++v) store_ints(out.at(first + r, out.first) + j + v * LANES, sums[r][v].sums());
    }
}

inline void product_int8_dotted(const leanspike_spike_matmul_args &a, const Rows &rows, const PanelCurrents &out) {
    int64_t row = 0;
    for (; row + DOT_ROWS <= rows.count(); row += DOT_ROWS) dot_rows<DOT_ROWS>(a, rows, out, row);
    for (; row < rows.count(); ++row) dot_rows<1>(a, rows, out, row);
    scale_int_sums(a, rows, out);
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
