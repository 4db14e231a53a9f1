// 16 lanes, AVX-512 F/BW/DQ/VL. Masks are mask registers. See simd.hpp.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int LANES = 16;

struct Vec {
    __m512 v;
};
struct Mask {
    __mmask16 m;
};

inline Vec zero() { return {_mm512_setzero_ps()}; }
inline Vec broadcast(float x) { return {_mm512_set1_ps(x)}; }
inline Vec load(const float *p) { return {_mm512_load_ps(p)}; }
inline Vec load_any(const float *p) { return {_mm512_loadu_ps(p)}; }
inline void store(float *p, Vec a) { _mm512_store_ps(p, a.v); }
inline void store_any(float *p, Vec a) { _mm512_storeu_ps(p, a.v); }

inline Mask mask_from_bits(uint32_t bits) { return {static_cast<__mmask16>(bits)}; }
inline uint32_t bits_of(Mask mask) { return mask.m; }
inline Mask first(int64_t n) { return {static_cast<__mmask16>(n >= LANES ? 0xffffu : (1u << n) - 1u)}; }
inline Vec load_first(const float *p, int64_t n) { return {_mm512_maskz_loadu_ps(first(n).m, p)}; }
inline void store_first(float *p, int64_t n, Vec a) { _mm512_mask_storeu_ps(p, first(n).m, a.v); }

inline Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline Vec minimum(Vec a, Vec b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Vec maximum(Vec a, Vec b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Vec divide(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Vec absolute(Vec a) { return {_mm512_abs_ps(a.v)}; }
inline Mask at_least(Vec a, Vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ)}; }
inline Vec select(Mask mask, Vec yes, Vec no) { return {_mm512_mask_mov_ps(no.v, mask.m, yes.v)}; }
inline Vec zero_where(Mask mask, Vec a) { return {_mm512_maskz_mov_ps(_knot_mask16(mask.m), a.v)}; }
inline Vec subtract_where(Mask mask, Vec a, Vec b) { return {_mm512_mask_sub_ps(a.v, mask.m, a.v, b.v)}; }
inline Vec add_where(Mask mask, Vec a, Vec b) { return {_mm512_mask_add_ps(a.v, mask.m, a.v, b.v)}; }

// a rounded to the nearest integer, and a * 2^n for integral n in -126 .. 0.
inline Vec round_nearest(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
inline Vec times_power_of_two(Vec a, Vec n) { return {_mm512_scalef_ps(a.v, n.v)}; }

// The smaller of |a| and |b|.
inline Vec smaller_magnitude(Vec a, Vec b) { return {_mm512_range_ps(a.v, b.v, 0b1010)}; }

// table[i] in each lane, i being the lowest five bits of the lane's index.
inline Vec lookup(const float (&table)[32], Vec index) {
    return {_mm512_permutex2var_ps(_mm512_load_ps(table), _mm512_castps_si512(index.v), _mm512_load_ps(table + 16))};
}

inline Vec load_half(const uint16_t *p) { return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p)))}; }
inline Vec load_bfloat(const uint16_t *p) {
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p)));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
}
inline Vec load_int8(const int8_t *p) {
    return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p))))};
}
inline void store_as_int(int32_t *p, Vec a) { _mm512_storeu_si512(p, _mm512_cvttps_epi32(a.v)); }

// A sum of lanes kept in float64.
struct DoubleSum {
    __m512d s = _mm512_setzero_pd();
    void add(Vec a) {
        s = _mm512_add_pd(s, _mm512_add_pd(_mm512_cvtps_pd(_mm512_castps512_ps256(a.v)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(a.v, 1))));
    }
    double total() const { return _mm512_reduce_add_pd(s); }
};

// Eight words of 64 bits, and the number of bits set in each of them.
constexpr int WORDS = 8;
struct Words {
    __m512i v;
};
inline Words no_words() { return {_mm512_setzero_si512()}; }
inline Words broadcast_word(uint64_t x) { return {_mm512_set1_epi64(static_cast<int64_t>(x))}; }
inline Words load_words(const uint64_t *p) { return {_mm512_load_si512(p)}; }
inline void store_words(int64_t *p, Words a) { _mm512_storeu_si512(p, a.v); }
// scale * count for twice WORDS outputs, counts being small integers.
inline void store_scaled(float *p, const Words (&counts)[2], const float *scale) {
    alignas(64) static constexpr int32_t LOWER_HALVES[16] = {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30};
    const __m512i ints = _mm512_permutex2var_epi32(counts[0].v, _mm512_load_si512(LOWER_HALVES), counts[1].v);
    _mm512_store_ps(p, _mm512_mul_ps(_mm512_cvtepi32_ps(ints), _mm512_load_ps(scale)));
}
inline Words operator+(Words a, Words b) { return {_mm512_add_epi64(a.v, b.v)}; }
inline Words operator-(Words a, Words b) { return {_mm512_sub_epi64(a.v, b.v)}; }
inline Words operator&(Words a, Words b) { return {_mm512_and_si512(a.v, b.v)}; }
inline Words popcount(Words a) {
#if defined(__AVX512VPOPCNTDQ__)
    return {_mm512_popcnt_epi64(a.v)};
#else
    const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m512i nibble = _mm512_set1_epi8(15);
    const __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512(a.v, nibble));
    const __m512i high = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(a.v, 4), nibble));
    return {_mm512_sad_epu8(_mm512_add_epi8(low, high), _mm512_setzero_si512())};
#endif
}

// 16 sums of int32 and 32 of int16, with what products of bytes add to them.
struct Ints {
    __m512i v;
};
inline Ints no_ints() { return {_mm512_setzero_si512()}; }
inline Ints load_ints(const float *p) { return {_mm512_load_si512(p)}; }
inline void store_ints(float *p, Ints a) { _mm512_store_si512(p, a.v); }
inline Ints operator+(Ints a, Ints b) { return {_mm512_add_epi32(a.v, b.v)}; }
inline Vec to_floats(Ints a) { return {_mm512_cvtepi32_ps(a.v)}; }

struct Shorts {
    __m512i v;
};
inline Shorts no_shorts() { return {_mm512_setzero_si512()}; }
inline Shorts add_bytes(Shorts a, const int8_t *p) {
    return {_mm512_add_epi16(a.v, _mm512_cvtepi8_epi16(_mm256_load_si256(reinterpret_cast<const __m256i *>(p))))};
}
inline Ints first_half(Shorts a) { return {_mm512_cvtepi16_epi32(_mm512_castsi512_si256(a.v))}; }
inline Ints second_half(Shorts a) { return {_mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(a.v, 1))}; }

inline Shorts load_shorts(const int16_t *p) { return {_mm512_load_si512(p)}; }
inline void store_shorts(int16_t *p, Shorts a) { _mm512_store_si512(p, a.v); }
inline Shorts operator+(Shorts a, Shorts b) { return {_mm512_add_epi16(a.v, b.v)}; }

// 64 sums of int8.
struct Bytes {
    __m512i v;
};
inline Bytes no_bytes() { return {_mm512_setzero_si512()}; }
inline Bytes operator+(Bytes a, const int8_t *p) { return {_mm512_add_epi8(a.v, _mm512_load_si512(p))}; }
inline Bytes operator+(Bytes a, Bytes b) { return {_mm512_add_epi8(a.v, b.v)}; }
inline Shorts first_half(Bytes a) { return {_mm512_cvtepi8_epi16(_mm512_castsi512_si256(a.v))}; }
inline Shorts second_half(Bytes a) { return {_mm512_cvtepi8_epi16(_mm512_extracti64x4_epi64(a.v, 1))}; }

// Bit i of a word as byte i, 0 or 1.
inline void spread_bits(uint64_t word, uint8_t *bytes) { _mm512_store_si512(bytes, _mm512_maskz_set1_epi8(word, 1)); }

// Four spikes for every lane.
struct Quad {
    __m512i v;
};
inline Quad broadcast_quad(const uint8_t *p) {
    int32_t four;
    __builtin_memcpy(&four, p, sizeof four);
    return {_mm512_set1_epi32(four)};
}

// Sums of four spikes x four signed bytes a lane. settle() must come at least every 64 additions.
struct DotSum {
    __m512i total = _mm512_setzero_si512();
#if defined(__AVX512VNNI__)
    void add(Quad spikes, const int8_t *weights) { total = _mm512_dpbusd_epi32(total, spikes.v, _mm512_load_si512(weights)); }
    void settle() {}
#else
    __m512i pairs = _mm512_setzero_si512();
    void add(Quad spikes, const int8_t *weights) { pairs = _mm512_add_epi16(pairs, _mm512_maddubs_epi16(spikes.v, _mm512_load_si512(weights))); }
    void settle() {
        total = _mm512_add_epi32(total, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
        pairs = _mm512_setzero_si512();
    }
#endif
    Ints sums() const { return {total}; }
};

// Writes first + i for every set bit i, in rising order, and returns the end; may write up to 64 bytes in all.
#if defined(__AVX512VBMI2__)
inline uint8_t *list_bits(uint64_t word, uint8_t first, uint8_t *out) {
    alignas(64) static constexpr uint8_t NUMBERS[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
                                                        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m512i numbers = _mm512_add_epi8(_mm512_load_si512(NUMBERS), _mm512_set1_epi8(static_cast<char>(first)));
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(word, numbers));
    return out + __builtin_popcountll(word);
}
#endif

// Transposes LANES vectors in place: lane j of r[i] and lane i of r[j] change places.
inline void transpose(Vec (&r)[LANES]) {
    __m512 t[LANES];
    for (int i = 0; i < LANES; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i].v, r[i + 1].v);
        t[i + 1] = _mm512_unpackhi_ps(r[i].v, r[i + 1].v);
    }
    const auto low = [](__m512 a, __m512 b) { return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b))); };
    const auto high = [](__m512 a, __m512 b) { return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b))); };
    __m512 q[LANES]; // q[4g + c], 128-bit block b: column 4b + c of rows 4g .. 4g + 3
    for (int g = 0; g < LANES; g += 4) {
        q[g] = low(t[g], t[g + 2]);
        q[g + 1] = high(t[g], t[g + 2]);
        q[g + 2] = low(t[g + 1], t[g + 3]);
        q[g + 3] = high(t[g + 1], t[g + 3]);
    }
    for (int c = 0; c < 4; ++c) {
        const __m512 even0 = _mm512_shuffle_f32x4(q[c], q[4 + c], 0x88);
        const __m512 odd0 = _mm512_shuffle_f32x4(q[c], q[4 + c], 0xdd);
        const __m512 even1 = _mm512_shuffle_f32x4(q[8 + c], q[12 + c], 0x88);
        const __m512 odd1 = _mm512_shuffle_f32x4(q[8 + c], q[12 + c], 0xdd);
        r[c].v = _mm512_shuffle_f32x4(even0, even1, 0x88);
        r[4 + c].v = _mm512_shuffle_f32x4(odd0, odd1, 0x88);
        r[8 + c].v = _mm512_shuffle_f32x4(even0, even1, 0xdd);
        r[12 + c].v = _mm512_shuffle_f32x4(odd0, odd1, 0xdd);
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
