// Spikes as bit matrices: a slice of a row at any bit offset, and the 64 x 64 transpose that turns rows of units into rows of tokens.
#pragma once

#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// Bits at .. at + n - 1 of a row of words, n in 1 .. 64.
inline uint64_t bits_at(const uint64_t *row, int64_t at, int64_t n) {
    const int64_t shift = at % 64;
    uint64_t bits = row[at / 64] >> shift;
    if (shift + n > 64) bits |= row[at / 64 + 1] << (64 - shift);
    return bits & low_bits(n);
}

typedef uint64_t Words8 __attribute__((vector_size(64)));

// Exchanges the off-diagonal blocks of size D inside a group of eight rows. ORDER: each row's partner, D rows away; keep: the
// columns of a 2D block's first half; upper: all ones in the rows of its first half.
template <int D, int... ORDER>
inline void swap_within(Words8 &rows, uint64_t keep, const Words8 &upper) {
    const Words8 partner = __builtin_shufflevector(rows, rows, ORDER...);
    const Words8 to_upper = (rows & keep) | ((partner & keep) << D);
    const Words8 to_lower = (rows & ~keep) | ((partner >> D) & keep);
    rows = (to_upper & upper) | (to_lower & ~upper);
}

// Bit c of row r becomes bit r of row c.
inline void transpose_bits(uint64_t (&matrix)[64]) {
    Words8 g[8];
    __builtin_memcpy(g, matrix, sizeof g);
    uint64_t keep = 0x00000000ffffffffu;
    for (int d = 32, step = 4; step > 0; d /= 2, step /= 2, keep ^= keep << d)
        for (int i = 0; i < 8; ++i)
            if ((i & step) == 0) {
                const Words8 t = ((g[i] >> d) ^ g[i + step]) & keep;
                g[i + step] ^= t;
                g[i] ^= t << d;
            }
    constexpr uint64_t ALL = ~uint64_t{0};
    for (Words8 &rows : g) {
        swap_within<4, 4, 5, 6, 7, 0, 1, 2, 3>(rows, 0x0f0f0f0f0f0f0f0fu, Words8{ALL, ALL, ALL, ALL, 0, 0, 0, 0});
        swap_within<2, 2, 3, 0, 1, 6, 7, 4, 5>(rows, 0x3333333333333333u, Words8{ALL, ALL, 0, 0, ALL, ALL, 0, 0});
        swap_within<1, 1, 0, 3, 2, 5, 4, 7, 6>(rows, 0x5555555555555555u, Words8{ALL, 0, ALL, 0, ALL, 0, ALL, 0});
    }
    __builtin_memcpy(matrix, g, sizeof g);
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
