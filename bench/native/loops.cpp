// The loops in the compilers' vector types, compiled once an instruction set (ROOF_SET names it): the same operations at every width.
//
// Fast     Sums, spikes and weights stay in registers. hide() makes the compiler forget what a register holds, at no cost, so that it
//          can neither hoist nor drop the work. Enough sums are open at once to hide the latency of their additions.
#include "loops.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace roofs {
namespace {

#if defined(__AVX512F__)
constexpr int BYTES = 64;
constexpr int COUNTS = 12; // sums of counts, beside 2 weights, 2 spikes and what is in flight: 32 registers
constexpr int SUMS = 12;
#elif defined(__AVX2__)
constexpr int BYTES = 32;
constexpr int COUNTS = 6; // 16 registers, and a count needs several
constexpr int SUMS = 10;
#else
constexpr int BYTES = 16;
constexpr int COUNTS = 6;
constexpr int SUMS = 10;
#endif
constexpr int SPIKES = 2;

typedef uint64_t Words __attribute__((vector_size(BYTES)));
typedef int32_t Ints __attribute__((vector_size(BYTES)));
typedef int16_t Shorts __attribute__((vector_size(BYTES)));
typedef int8_t Bytes __attribute__((vector_size(BYTES)));
typedef float Floats __attribute__((vector_size(BYTES)));

template <class Vector>
inline void hide(Vector &x) {
#if defined(__x86_64__)
    __asm__ volatile("" : "+x"(x));
#elif defined(__aarch64__)
    __asm__ volatile("" : "+w"(x));
#else
    __asm__ volatile("" : "+m"(x));
#endif
}

#if defined(__AVX512VPOPCNTDQ__)
inline Words popcount(Words x) { return (Words)_mm512_popcnt_epi64((__m512i)x); }
#elif defined(__AVX512BW__)
inline Words popcount(Words x) {
    const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4)), nibble = _mm512_set1_epi8(15);
    const __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512((__m512i)x, nibble));
    const __m512i high = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16((__m512i)x, 4), nibble));
    return (Words)_mm512_sad_epu8(_mm512_add_epi8(low, high), _mm512_setzero_si512());
}
#elif defined(__AVX2__)
inline Words popcount(Words x) {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4)), nibble = _mm256_set1_epi8(15);
    const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256((__m256i)x, nibble));
    const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16((__m256i)x, 4), nibble));
    return (Words)_mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
}
#else
inline Words popcount(Words x) {
    for (int i = 0; i < BYTES / 8; ++i) x[i] = static_cast<uint64_t>(__builtin_popcountll(x[i]));
    return x;
}
#endif

#if defined(__AVX512VNNI__)
inline Ints byte_dot(Ints sum, Bytes u, Bytes s) { return (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)u, (__m512i)s); }
#elif defined(__AVX512BW__)
inline Ints byte_dot(Ints sum, Bytes u, Bytes s) {
    return (Ints)((Shorts)sum + (Shorts)_mm512_maddubs_epi16((__m512i)u, (__m512i)s)); // spikes are 0 or 1: int16 holds many pairs
}
#elif defined(__AVXVNNI__)
inline Ints byte_dot(Ints sum, Bytes u, Bytes s) { return (Ints)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)u, (__m256i)s); }
#elif defined(__AVX2__)
inline Ints byte_dot(Ints sum, Bytes u, Bytes s) {
    return (Ints)((Shorts)sum + (Shorts)_mm256_maddubs_epi16((__m256i)u, (__m256i)s)); // spikes are 0 or 1: int16 holds many pairs
}
#else
inline Ints byte_dot(Ints sum, Bytes u, Bytes s) {
    const auto *a = reinterpret_cast<const uint8_t *>(&u);
    const auto *b = reinterpret_cast<const int8_t *>(&s);
    for (int i = 0; i < BYTES; ++i) sum[i / 4] += a[i] * b[i];
    return sum;
}
#endif

#if defined(__AVX512F__)
inline Floats multiply_add(Floats x, Floats y, Floats sum) { return (Floats)_mm512_fmadd_ps((__m512)x, (__m512)y, (__m512)sum); }
#elif defined(__FMA__)
inline Floats multiply_add(Floats x, Floats y, Floats sum) { return (Floats)_mm256_fmadd_ps((__m256)x, (__m256)y, (__m256)sum); }
#else
inline Floats multiply_add(Floats x, Floats y, Floats sum) { return x * y + sum; }
#endif

uint64_t popcount_loop(int64_t repetitions) {
    Words sums[COUNTS] = {}, spikes[SPIKES], plus = {}, minus = {};
    for (Words &s : spikes) s = Words{} + 0x5555555555555555u;
    plus += 0x0f0f0f0f0f0f0f0fu;
    minus += 0xf0f0f0f0f0f0f0f0u;
    for (int64_t i = 0; i < repetitions; ++i) {
        hide(plus);
        hide(minus);
        for (int j = 0; j < COUNTS; ++j) {
            hide(spikes[j % SPIKES]);
            sums[j] += popcount(spikes[j % SPIKES] & plus);
            sums[j] -= popcount(spikes[j % SPIKES] & minus);
        }
    }
    Words total = {};
    for (const Words &sum : sums) total += sum;
    return total[0];
}

uint64_t byte_dot_loop(int64_t repetitions) {
    Ints sums[SUMS] = {};
    Bytes spikes[SPIKES], weights = {};
    for (Bytes &s : spikes) s = Bytes{} + 1;
    for (int64_t i = 0; i < repetitions; ++i) {
        hide(weights);
        for (int j = 0; j < SUMS; ++j) {
            hide(spikes[j % SPIKES]);
            sums[j] = byte_dot(sums[j], spikes[j % SPIKES], weights);
        }
    }
    Ints total = {};
    for (const Ints &sum : sums) total += sum;
    return static_cast<uint64_t>(total[0]);
}

uint64_t float_loop(int64_t repetitions) {
    Floats sums[SUMS] = {}, left = {}, right = {};
    for (int64_t i = 0; i < repetitions; ++i) {
        hide(right);
        for (Floats &sum : sums) {
            hide(left); // or all sums are seen to be the same
            sum = multiply_add(left, right, sum);
        }
    }
    Floats total = {};
    for (const Floats &sum : sums) total += sum;
    return static_cast<uint64_t>(total[0]);
}

} // namespace

extern const Loops ROOF_SET = {
    {popcount_loop, COUNTS * BYTES * 8.0},
    {byte_dot_loop, SUMS * BYTES * 1.0},
    {float_loop, SUMS * BYTES / 4.0},
};

} // namespace roofs
