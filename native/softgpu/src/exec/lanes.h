// Loops over the 32 lanes of a warp, written so that the compiler vectorises them. Included only by the files that are compiled
// once per instruction set: they must not use standard containers, or the linker could mix code of different sets.
#pragma once

#include "warp.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#ifndef SOFTGPU_ISA
#error "compile this file once per instruction set with SOFTGPU_ISA=<name>"
#endif

namespace softgpu::SOFTGPU_ISA {

inline constexpr int lanes = 32;
inline constexpr uint32_t all_lanes = 0xffffffffu;

template <class T> inline T *lanes_at(Warp &warp, uint32_t operand) {
    return reinterpret_cast<T *>(warp.base[operand >> 31] + (operand & 0x7fffffffu));
}

inline uint32_t &predicate(Warp &warp, uint32_t operand) { return *lanes_at<uint32_t>(warp, operand); }

// Bits outside the executing lanes stay.
inline void set_predicate(Warp &warp, uint32_t operand, uint32_t value) {
    uint32_t &mask = predicate(warp, operand);
    mask = (mask & ~warp.exec) | (value & warp.exec);
}

// d[i] = f(s[i]…) for the executing lanes.
template <class D, class F, class... S> inline void map(Warp &warp, uint32_t destination, F f, const S *...s) {
    D *d = lanes_at<D>(warp, destination);
    if (warp.exec == all_lanes) {
#pragma GCC ivdep
        for (int i = 0; i < lanes; i++) d[i] = f(s[i]...);
        return;
    }
    D result[lanes];
    for (int i = 0; i < lanes; i++) result[i] = f(s[i]...);
    uint32_t exec = warp.exec;
    for (int i = 0; i < lanes; i++) d[i] = (exec >> i) & 1 ? result[i] : d[i];
}

// Bit i of the result is flags[i].
inline uint32_t gather_bits(const uint8_t *flags) {
    uint32_t mask = 0;
    for (int part = 0; part < 4; part++) {
        uint64_t bytes;
        __builtin_memcpy(&bytes, flags + 8 * part, 8);
        mask |= static_cast<uint32_t>((bytes * 0x0102040810204080ull) >> 56) << (8 * part);
    }
    return mask;
}

// The mask of lanes for which f(s[i]…) holds.
template <class F, class... S> inline uint32_t test(F f, const S *...s) {
    alignas(32) uint8_t flags[lanes];
    for (int i = 0; i < lanes; i++) flags[i] = f(s[i]...) ? 1 : 0;
    return gather_bits(flags);
}

template <class T> using Unsigned = std::make_unsigned_t<T>;
// Arithmetic of narrow types in 32 bits without signed overflow.
template <class T> using Wrapping = std::conditional_t<(sizeof(T) < 4), uint32_t, Unsigned<T>>;

} // namespace softgpu::SOFTGPU_ISA
