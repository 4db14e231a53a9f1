// 8 lanes, AVX2 + FMA + F16C. Masks are vectors of all-ones lanes. See simd.hpp.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int LANES = 8;

struct Vec {
    __m256 v;
};
struct Mask {
    __m256 m;
};

inline Vec zero() { return {_mm256_setzero_ps()}; }
inline Vec broadcast(float x) { return {_mm256_set1_ps(x)}; }
inline Vec load(const float *p) { return {_mm256_load_ps(p)}; }
inline Vec load_any(const float *p) { return {_mm256_loadu_ps(p)}; }
inline void store(float *p, Vec a) { _mm256_store_ps(p, a.v); }
inline void store_any(float *p, Vec a) { _mm256_storeu_ps(p, a.v); }

inline Mask mask_from_bits(uint32_t bits) {
    const __m256i lane_bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i chosen = _mm256_and_si256(_mm256_set1_epi32(static_cast<int>(bits)), lane_bit);
    return {_mm256_castsi256_ps(_mm256_cmpeq_epi32(chosen, lane_bit))};
}
inline uint32_t bits_of(Mask mask) { return static_cast<uint32_t>(_mm256_movemask_ps(mask.m)); }
inline Mask first(int64_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return {_mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(n >= LANES ? LANES : static_cast<int>(n)), lane))};
}
inline Vec load_first(const float *p, int64_t n) { return {_mm256_maskload_ps(p, _mm256_castps_si256(first(n).m))}; }
inline void store_first(float *p, int64_t n, Vec a) { _mm256_maskstore_ps(p, _mm256_castps_si256(first(n).m), a.v); }

inline Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Vec minimum(Vec a, Vec b) { return {_mm256_min_ps(a.v, b.v)}; }
inline Vec maximum(Vec a, Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
inline Vec divide(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Vec absolute(Vec a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline Mask at_least(Vec a, Vec b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ)}; }
inline Vec select(Mask mask, Vec yes, Vec no) { return {_mm256_blendv_ps(no.v, yes.v, mask.m)}; }
inline Vec zero_where(Mask mask, Vec a) { return {_mm256_andnot_ps(mask.m, a.v)}; }
inline Vec subtract_where(Mask mask, Vec a, Vec b) { return {_mm256_sub_ps(a.v, _mm256_and_ps(mask.m, b.v))}; }
inline Vec add_where(Mask mask, Vec a, Vec b) { return {_mm256_add_ps(a.v, _mm256_and_ps(mask.m, b.v))}; }

// a rounded to the nearest integer, and a * 2^n for integral n in -126 .. 0.
inline Vec round_nearest(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
inline Vec times_power_of_two(Vec a, Vec n) {
    const __m256i exponent = _mm256_cvtps_epi32(n.v);
    return {_mm256_mul_ps(a.v, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(exponent, _mm256_set1_epi32(127)), 23)))};
}

inline Vec load_half(const uint16_t *p) { return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)))}; }
inline Vec load_bfloat(const uint16_t *p) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(p)));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(wide, 16))};
}
inline Vec load_int8(const int8_t *p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(p))))};
}
inline void store_as_int(int32_t *p, Vec a) { _mm256_storeu_si256(reinterpret_cast<__m256i *>(p), _mm256_cvttps_epi32(a.v)); }

// A sum of lanes kept in float64.
struct DoubleSum {
    __m256d s = _mm256_setzero_pd();
    void add(Vec a) {
        s = _mm256_add_pd(s, _mm256_add_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(a.v)), _mm256_cvtps_pd(_mm256_extractf128_ps(a.v, 1))));
    }
    double total() const {
        const __m128d pair = _mm_add_pd(_mm256_castpd256_pd128(s), _mm256_extractf128_pd(s, 1));
        return _mm_cvtsd_f64(_mm_add_sd(pair, _mm_unpackhi_pd(pair, pair)));
    }
};

// Four words of 64 bits, and the number of bits set in each of them.
constexpr int WORDS = 4;
struct Words {
    __m256i v;
};
inline Words no_words() { return {_mm256_setzero_si256()}; }
inline Words broadcast_word(uint64_t x) { return {_mm256_set1_epi64x(static_cast<int64_t>(x))}; }
inline Words load_words(const uint64_t *p) { return {_mm256_load_si256(reinterpret_cast<const __m256i *>(p))}; }
inline void store_words(int64_t *p, Words a) { _mm256_storeu_si256(reinterpret_cast<__m256i *>(p), a.v); }
// scale * count for WORDS outputs, counts being small integers.
inline void store_scaled(float *p, const Words (&counts)[1], const float *scale) {
    const __m256i low = _mm256_permutevar8x32_epi32(counts[0].v, _mm256_setr_epi32(0, 2, 4, 6, 0, 0, 0, 0));
    _mm_storeu_ps(p, _mm_mul_ps(_mm_cvtepi32_ps(_mm256_castsi256_si128(low)), _mm_loadu_ps(scale)));
}
inline Words operator+(Words a, Words b) { return {_mm256_add_epi64(a.v, b.v)}; }
inline Words operator-(Words a, Words b) { return {_mm256_sub_epi64(a.v, b.v)}; }
inline Words operator&(Words a, Words b) { return {_mm256_and_si256(a.v, b.v)}; }
inline Words popcount(Words a) {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(a.v, nibble));
    const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(a.v, 4), nibble));
    return {_mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256())};
}

// 8 sums of int32 and 16 of int16, with what products of bytes add to them.
struct Ints {
    __m256i v;
};
inline Ints no_ints() { return {_mm256_setzero_si256()}; }
inline Ints load_ints(const float *p) { return {_mm256_load_si256(reinterpret_cast<const __m256i *>(p))}; }
inline void store_ints(float *p, Ints a) { _mm256_store_si256(reinterpret_cast<__m256i *>(p), a.v); }
inline Ints operator+(Ints a, Ints b) { return {_mm256_add_epi32(a.v, b.v)}; }
inline Vec to_floats(Ints a) { return {_mm256_cvtepi32_ps(a.v)}; }

struct Shorts {
    __m256i v;
};
inline Shorts no_shorts() { return {_mm256_setzero_si256()}; }
inline Shorts add_bytes(Shorts a, const int8_t *p) {
    return {_mm256_add_epi16(a.v, _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i *>(p))))};
}
inline Ints first_half(Shorts a) { return {_mm256_cvtepi16_epi32(_mm256_castsi256_si128(a.v))}; }
inline Ints second_half(Shorts a) { return {_mm256_cvtepi16_epi32(_mm256_extracti128_si256(a.v, 1))}; }

inline Shorts load_shorts(const int16_t *p) { return {_mm256_load_si256(reinterpret_cast<const __m256i *>(p))}; }
inline void store_shorts(int16_t *p, Shorts a) { _mm256_store_si256(reinterpret_cast<__m256i *>(p), a.v); }
inline Shorts operator+(Shorts a, Shorts b) { return {_mm256_add_epi16(a.v, b.v)}; }

// 32 sums of int8.
struct Bytes {
    __m256i v;
};
inline Bytes no_bytes() { return {_mm256_setzero_si256()}; }
inline Bytes operator+(Bytes a, const int8_t *p) { return {_mm256_add_epi8(a.v, _mm256_load_si256(reinterpret_cast<const __m256i *>(p)))}; }
inline Bytes operator+(Bytes a, Bytes b) { return {_mm256_add_epi8(a.v, b.v)}; }
inline Shorts first_half(Bytes a) { return {_mm256_cvtepi8_epi16(_mm256_castsi256_si128(a.v))}; }
inline Shorts second_half(Bytes a) { return {_mm256_cvtepi8_epi16(_mm256_extracti128_si256(a.v, 1))}; }

// Bit i of a word as byte i, 0 or 1.
inline void spread_bits(uint64_t word, uint8_t *bytes) {
    const __m256i which = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bit = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201u));
    for (int half = 0; half < 2; ++half) {
        const __m256i copies = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int32_t>(word >> (32 * half))), which);
        const __m256i ones = _mm256_min_epu8(_mm256_and_si256(copies, bit), _mm256_set1_epi8(1));
        _mm256_store_si256(reinterpret_cast<__m256i *>(bytes + 32 * half), ones);
    }
}

// Four spikes for every lane.
struct Quad {
    __m256i v;
};
inline Quad broadcast_quad(const uint8_t *p) {
    int32_t four;
    __builtin_memcpy(&four, p, sizeof four);
    return {_mm256_set1_epi32(four)};
}

// Sums of four spikes x four signed bytes a lane. settle() must come at least every 64 additions.
struct DotSum {
    __m256i total = _mm256_setzero_si256();
    static __m256i load(const int8_t *p) { return _mm256_load_si256(reinterpret_cast<const __m256i *>(p)); }
#if defined(__AVXVNNI__)
    void add(Quad spikes, const int8_t *weights) { total = _mm256_dpbusd_avx_epi32(total, spikes.v, load(weights)); }
    void settle() {}
#else
    __m256i pairs = _mm256_setzero_si256();
    void add(Quad spikes, const int8_t *weights) { pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(spikes.v, load(weights))); }
    void settle() {
        total = _mm256_add_epi32(total, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
        pairs = _mm256_setzero_si256();
    }
#endif
    Ints sums() const { return {total}; }
};

// Transposes LANES vectors in place: lane j of r[i] and lane i of r[j] change places.
inline void transpose(Vec (&r)[LANES]) {
    __m256 t[LANES];
    for (int i = 0; i < LANES; i += 2) {
        t[i] = _mm256_unpacklo_ps(r[i].v, r[i + 1].v);
        t[i + 1] = _mm256_unpackhi_ps(r[i].v, r[i + 1].v);
    }
    __m256 q[LANES]; // q[4g + c], 128-bit block b: column 4b + c of rows 4g .. 4g + 3
    for (int g = 0; g < LANES; g += 4) {
        q[g] = _mm256_shuffle_ps(t[g], t[g + 2], 0x44);
        q[g + 1] = _mm256_shuffle_ps(t[g], t[g + 2], 0xee);
        q[g + 2] = _mm256_shuffle_ps(t[g + 1], t[g + 3], 0x44);
        q[g + 3] = _mm256_shuffle_ps(t[g + 1], t[g + 3], 0xee);
    }
    for (int c = 0; c < 4; ++c) {
        r[c].v = _mm256_permute2f128_ps(q[c], q[4 + c], 0x20);
        r[4 + c].v = _mm256_permute2f128_ps(q[c], q[4 + c], 0x31);
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
