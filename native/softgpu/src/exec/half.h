// Half-precision numbers (f16, bf16) as bit patterns, converted without branches so that loops over lanes vectorise.
#pragma once

#include <bit>
#include <cstdint>

#ifndef SOFTGPU_ISA
#error "compile this file once per instruction set with SOFTGPU_ISA=<name>"
#endif

namespace softgpu::SOFTGPU_ISA {

inline float f16_to_f32(uint16_t h) {
    uint32_t magnitude = uint32_t(h & 0x7fff) << 13;
    // scaling by 2^112 moves the exponent and makes subnormals normal
    uint32_t scaled = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * std::bit_cast<float>(0x77800000u));
    uint32_t bits = magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : scaled;
    return std::bit_cast<float>(bits | uint32_t(h & 0x8000) << 16);
}

inline uint16_t f32_to_f16(float f) {
    uint32_t bits = std::bit_cast<uint32_t>(f), sign = bits >> 16 & 0x8000, x = bits & 0x7fffffffu;
    // adding 0.5 leaves a subnormal half in the low bits, rounded to nearest even
    uint32_t subnormal = std::bit_cast<uint32_t>(std::bit_cast<float>(x) + 0.5f) - 0x3f000000u;
    uint32_t normal = (x + 0xc8000fffu + (x >> 13 & 1)) >> 13;
    uint32_t large = x > 0x7f800000u ? 0x7fffu : 0x7c00u;
    uint32_t h = x >= 0x47800000u ? large : x < 0x38800000u ? subnormal : normal;
    return static_cast<uint16_t>(h == 0x7fffu ? h : h | sign);
}

inline float bf16_to_f32(uint16_t b) { return std::bit_cast<float>(uint32_t(b) << 16); }

inline uint16_t f32_to_bf16(float f) {
    uint32_t x = std::bit_cast<uint32_t>(f);
    uint32_t rounded = (x + 0x7fffu + (x >> 16 & 1)) >> 16;
    return static_cast<uint16_t>((x & 0x7fffffffu) > 0x7f800000u ? 0x7fffu : rounded);
}

// To float with inexact results made odd in the last place: a second rounding to fewer bits is then the only one that counts.
inline float to_odd(double d) {
    float f = static_cast<float>(d);
    uint32_t bits = std::bit_cast<uint32_t>(f);
    double back = f;
    if (back != d && d == d) {
        if ((back < 0 ? -back : back) > (d < 0 ? -d : d)) bits--;
        bits |= 1;
    }
    return std::bit_cast<float>(bits);
}

// a·b + c of halves with one rounding (to odd, in double): the product is exact, the sum's error decides the last bit.
inline double fma_to_odd(float a, float b, float c) {
    double p = double(a) * double(b), s = p + double(c);
    double t = s - p, error = (p - (s - t)) + (double(c) - t);
    uint64_t bits = std::bit_cast<uint64_t>(s);
    bool finite = s - s == 0;
    if (finite && error != 0 && !(bits & 1)) bits += ((error > 0) == (s > 0)) ? 1 : uint64_t(-1);
    return std::bit_cast<double>(bits);
}

struct F16 {
    static float load(uint16_t x) { return f16_to_f32(x); }
    static uint16_t store(float x) { return f32_to_f16(x); }
    static constexpr uint16_t smallest_normal = 0x0400, one = 0x3c00;
};
struct BF16 {
    static float load(uint16_t x) { return bf16_to_f32(x); }
    static uint16_t store(float x) { return f32_to_bf16(x); }
    static constexpr uint16_t smallest_normal = 0x0080, one = 0x3f80;
};

} // namespace softgpu::SOFTGPU_ISA
