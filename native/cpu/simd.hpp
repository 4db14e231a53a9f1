// A vector of LANES float32 lanes and a mask of one bit a lane: the only place that knows an instruction set.
//
// Every kernel is compiled once per variant (LEANSPIKE_VARIANT names its namespace) and sees one of the three files below. All three
// define the same names. Everything sits in anonymous namespaces: a variant must not leave a symbol that the linker could pick for
// code that runs on a lesser CPU.
#pragma once

#include <cstdint>

#if !defined(LEANSPIKE_VARIANT)
#error "kernels are compiled per variant; see native/CMakeLists.txt"
#endif

#if defined(__AVX512F__)
#include "simd_avx512.hpp"
#elif defined(__AVX2__)
#include "simd_avx2.hpp"
#else
#include "simd_portable.hpp"
#endif

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// Columns of a weight panel = units of a spike word, and the vectors that hold them.
constexpr int PANEL = 64;
constexpr int PANEL_VECS = PANEL / LANES;

// The spikes of lanes v * LANES .. of a word, as a mask.
inline Mask mask_from_word(uint64_t word, int v) { return mask_from_bits(static_cast<uint32_t>(word >> (v * LANES))); }

inline uint64_t word_from_mask(Mask mask, int v) { return static_cast<uint64_t>(bits_of(mask)) << (v * LANES); }

// A word with the lowest n bits set, n in 0 .. 64.
inline uint64_t low_bits(int64_t n) { return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1; }

inline int64_t words_of(int64_t width) { return (width + 63) / 64; }

#if !defined(__AVX512VBMI2__)
struct ByteBits {
    uint64_t numbers[256]; // the numbers of a byte's set bits, one a byte, in rising order

    constexpr ByteBits() : numbers() {
        for (int byte = 0; byte < 256; ++byte)
            for (int bit = 7; bit >= 0; --bit)
                if ((byte >> bit & 1) != 0) numbers[byte] = numbers[byte] << 8 | static_cast<uint64_t>(bit);
    }
};

// Writes first + i for every set bit i, in rising order, and returns the end; may write up to 64 bytes in all.
inline uint8_t *list_bits(uint64_t word, uint8_t first, uint8_t *out) {
    static constexpr ByteBits BITS;
    for (int byte = 0; byte < 8; ++byte) {
        const uint64_t bits = word >> (8 * byte) & 255;
        const uint64_t numbers = BITS.numbers[bits] + 0x0101010101010101u * static_cast<uint64_t>(first + 8 * byte);
        __builtin_memcpy(out, &numbers, 8);
        out += __builtin_popcountll(bits);
    }
    return out;
}
#endif

// Copies up to a panel's worth of per-column constants and fills the rest, so that the loops over a panel need no tail.
inline void fill_panel(float *panel, const float *values, int64_t count, float rest) {
    for (int j = 0; j < PANEL; ++j) panel[j] = j < count ? values[j] : rest;
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
