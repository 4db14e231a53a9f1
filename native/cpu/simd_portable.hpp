// 4 lanes in the compilers' own vector type: SSE2 on any x86-64, NEON on any aarch64. No fused multiply-add. See simd.hpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int LANES = 4;

typedef float Floats __attribute__((vector_size(16)));
typedef int32_t Ints __attribute__((vector_size(16)));

struct Vec {
    Floats v;
};
struct Mask {
    Ints m; // all ones or zero
};

inline Vec zero() { return {Floats{0, 0, 0, 0}}; }
inline Vec broadcast(float x) { return {Floats{x, x, x, x}}; }
inline Vec load(const float *p) { return {*reinterpret_cast<const Floats *>(p)}; }
inline Vec load_any(const float *p) {
    Vec a;
    memcpy(&a.v, p, sizeof a.v);
    return a;
}
inline void store(float *p, Vec a) { *reinterpret_cast<Floats *>(p) = a.v; }
inline void store_any(float *p, Vec a) { memcpy(p, &a.v, sizeof a.v); }

inline Mask mask_from_bits(uint32_t bits) {
    const int32_t b = static_cast<int32_t>(bits & 15u);
    return {(Ints{b, b, b, b} & Ints{1, 2, 4, 8}) != Ints{0, 0, 0, 0}};
}
inline uint32_t bits_of(Mask mask) {
    const Ints one = mask.m & Ints{1, 2, 4, 8};
    return static_cast<uint32_t>(one[0] | one[1] | one[2] | one[3]);
}
inline Mask first(int64_t n) {
    const int32_t count = n >= LANES ? LANES : static_cast<int32_t>(n);
    return {Ints{0, 1, 2, 3} < Ints{count, count, count, count}};
}
inline Vec load_first(const float *p, int64_t n) {
    Vec a = zero();
    memcpy(&a.v, p, static_cast<size_t>(n >= LANES ? LANES : n) * sizeof(float));
    return a;
}
inline void store_first(float *p, int64_t n, Vec a) { memcpy(p, &a.v, static_cast<size_t>(n >= LANES ? LANES : n) * sizeof(float)); }

inline Vec operator+(Vec a, Vec b) { return {a.v + b.v}; }
inline Vec operator-(Vec a, Vec b) { return {a.v - b.v}; }
inline Vec operator*(Vec a, Vec b) { return {a.v * b.v}; }
inline Vec fma(Vec a, Vec b, Vec c) { return {a.v * b.v + c.v}; }
inline Vec minimum(Vec a, Vec b) { return {a.v < b.v ? a.v : b.v}; }
inline Vec maximum(Vec a, Vec b) { return {a.v > b.v ? a.v : b.v}; }
inline Vec divide(Vec a, Vec b) { return {a.v / b.v}; }
inline Mask at_least(Vec a, Vec b) { return {a.v >= b.v}; }
inline Vec as_vec(Ints bits) { return {reinterpret_cast<Floats>(bits)}; }
inline Ints as_ints(Vec a) { return reinterpret_cast<Ints>(a.v); }
inline Vec absolute(Vec a) { return as_vec(as_ints(a) & 0x7fffffff); }
inline Vec select(Mask mask, Vec yes, Vec no) { return as_vec((as_ints(yes) & mask.m) | (as_ints(no) & ~mask.m)); }
inline Vec zero_where(Mask mask, Vec a) { return as_vec(as_ints(a) & ~mask.m); }
inline Vec subtract_where(Mask mask, Vec a, Vec b) { return {a.v - as_vec(as_ints(b) & mask.m).v}; }
inline Vec add_where(Mask mask, Vec a, Vec b) { return {a.v + as_vec(as_ints(b) & mask.m).v}; }

// a rounded to the nearest integer for |a| < 2^22, and a * 2^n for integral n in -126 .. 0.
inline Vec round_nearest(Vec a) {
    const Vec shift = broadcast(12582912.0f); // 1.5 * 2^23: the sum's last bit is worth one
    return (a + shift) - shift;
}
inline Vec times_power_of_two(Vec a, Vec n) {
    const Ints exponent = __builtin_convertvector(n.v, Ints);
    return a * as_vec((exponent + 127) << 23);
}

inline float half_to_float(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
    const uint32_t magnitude = half & 0x7fffu;
    if (magnitude < 0x0400u) { // zero or subnormal: an integer count of 2^-24
        const float value = static_cast<float>(magnitude) * 0x1p-24f;
        return sign != 0 ? -value : value;
    }
    const uint32_t rebias = magnitude >= 0x7c00u ? 0x70000000u : 0x38000000u;
    const uint32_t bits = sign | ((magnitude << 13) + rebias);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

inline Vec load_half(const uint16_t *p) {
    return {Floats{half_to_float(p[0]), half_to_float(p[1]), half_to_float(p[2]), half_to_float(p[3])}};
}
inline Vec load_bfloat(const uint16_t *p) {
    typedef uint32_t Words __attribute__((vector_size(16)));
    return {reinterpret_cast<Floats>(Words{p[0], p[1], p[2], p[3]} << 16)};
}
inline Vec load_int8(const int8_t *p) {
    return {Floats{static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2]), static_cast<float>(p[3])}};
}
inline void store_as_int(int32_t *p, Vec a) {
    const Ints whole = __builtin_convertvector(a.v, Ints);
    memcpy(p, &whole, sizeof whole);
}

// A sum of lanes kept in float64.
struct DoubleSum {
    double s[LANES] = {0, 0, 0, 0};
    void add(Vec a) {
        for (int i = 0; i < LANES; ++i) s[i] += static_cast<double>(a.v[i]);
    }
    double total() const { return (s[0] + s[2]) + (s[1] + s[3]); }
};

// One word of 64 bits, and the number of bits set in it.
constexpr int WORDS = 1;
struct Words {
    uint64_t v;
};
inline Words no_words() { return {0}; }
inline Words broadcast_word(uint64_t x) { return {x}; }
inline Words load_words(const uint64_t *p) { return {*p}; }
inline void store_words(int64_t *p, Words a) { *p = static_cast<int64_t>(a.v); }
// scale * count for WORDS outputs, counts being small integers.
inline void store_scaled(float *p, const Words (&counts)[1], const float *scale) {
    *p = *scale * static_cast<float>(static_cast<int64_t>(counts[0].v));
}
inline Words operator+(Words a, Words b) { return {a.v + b.v}; }
inline Words operator-(Words a, Words b) { return {a.v - b.v}; }
inline Words operator&(Words a, Words b) { return {a.v & b.v}; }
inline Words popcount(Words a) { return {static_cast<uint64_t>(__builtin_popcountll(a.v))}; }

// 4 sums of int32 and 8 of int16, with what products of bytes add to them.
inline Ints no_ints() { return Ints{0, 0, 0, 0}; }
inline Ints load_ints(const float *p) {
    Ints a;
    std::memcpy(&a, p, sizeof a);
    return a;
}
inline void store_ints(float *p, Ints a) { std::memcpy(p, &a, sizeof a); }
inline Vec to_floats(Ints a) { return {__builtin_convertvector(a, Floats)}; }

typedef int8_t Bytes8 __attribute__((vector_size(8)));
typedef int16_t Shorts8 __attribute__((vector_size(16)));
struct Shorts {
    Shorts8 v;
};
inline Shorts no_shorts() { return {Shorts8{}}; }
inline Shorts add_bytes(Shorts a, const int8_t *p) {
    Bytes8 b;
    std::memcpy(&b, p, sizeof b);
    return {a.v + __builtin_convertvector(b, Shorts8)};
}
inline Ints first_half(Shorts a) { return Ints{a.v[0], a.v[1], a.v[2], a.v[3]}; }
inline Ints second_half(Shorts a) { return Ints{a.v[4], a.v[5], a.v[6], a.v[7]}; }

inline Shorts load_shorts(const int16_t *p) {
    Shorts a;
    std::memcpy(&a, p, sizeof a);
    return a;
}
inline void store_shorts(int16_t *p, Shorts a) { std::memcpy(p, &a, sizeof a); }
inline Shorts operator+(Shorts a, Shorts b) { return {a.v + b.v}; }

// 16 sums of int8.
typedef int8_t Bytes16 __attribute__((vector_size(16)));
struct Bytes {
    Bytes16 v;
};
inline Bytes no_bytes() { return {Bytes16{}}; }
inline Bytes operator+(Bytes a, const int8_t *p) {
    Bytes16 b;
    std::memcpy(&b, p, sizeof b);
    return {a.v + b};
}
inline Bytes operator+(Bytes a, Bytes b) { return {a.v + b.v}; }
inline Shorts first_half(Bytes a) { return {__builtin_convertvector(__builtin_shufflevector(a.v, a.v, 0, 1, 2, 3, 4, 5, 6, 7), Shorts8)}; }
inline Shorts second_half(Bytes a) { return {__builtin_convertvector(__builtin_shufflevector(a.v, a.v, 8, 9, 10, 11, 12, 13, 14, 15), Shorts8)}; }

// Bit i of a word as byte i, 0 or 1.
inline void spread_bits(uint64_t word, uint8_t *bytes) {
    for (int i = 0; i < 64; ++i) bytes[i] = static_cast<uint8_t>(word >> i & 1);
}

// Four spikes for every lane.
struct Quad {
    int32_t v[4];
};
inline Quad broadcast_quad(const uint8_t *p) { return {{p[0], p[1], p[2], p[3]}}; }

// Sums of four spikes x four signed bytes a lane.
struct DotSum {
    Ints total = {0, 0, 0, 0};
    void add(Quad spikes, const int8_t *weights) {
        for (int i = 0; i < LANES; ++i)
            for (int k = 0; k < 4; ++k) total[i] += spikes.v[k] * weights[i * 4 + k];
    }
    void settle() {}
    Ints sums() const { return total; }
};

// Transposes LANES vectors in place: lane j of r[i] and lane i of r[j] change places.
inline void transpose(Vec (&r)[LANES]) {
    const Vec t[LANES] = {r[0], r[1], r[2], r[3]};
    for (int i = 0; i < LANES; ++i) r[i].v = Floats{t[0].v[i], t[1].v[i], t[2].v[i], t[3].v[i]};
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
