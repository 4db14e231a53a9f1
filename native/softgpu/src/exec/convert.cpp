// cvt: every pair of integer and floating-point types. A register may be wider than the type named: its low bytes are read,
// and a result is extended to the whole register by the sign of its type.
#include "convert_flags.h"
#include "families.h"
#include "half.h"
#include "lanes.h"

#include <cmath>
#include <limits>

namespace softgpu::SOFTGPU_ISA {
namespace {

struct HalfF16 : F16 { uint16_t bits; };
struct HalfBF16 : BF16 { uint16_t bits; };

template <class T> inline constexpr bool is_half = std::is_same_v<T, HalfF16> || std::is_same_v<T, HalfBF16>;
template <class T> inline constexpr bool is_real = is_half<T> || std::is_floating_point_v<T>;

inline float flushed(float x) {
    uint32_t bits = std::bit_cast<uint32_t>(x);
    return std::bit_cast<float>(bits & 0x7f800000u ? bits : bits & 0x80000000u);
}

// The value of a source as a host number of the same or greater precision.
template <class S> auto value_of(S x, bool flush) {
    if constexpr (is_half<S>) return S::load(x.bits);
    else if constexpr (std::is_same_v<S, float>) return flush ? flushed(x) : x;
    else return x;
}

template <class F> F to_whole(F x, Rounding mode) {
    if constexpr (sizeof(F) == 4) {
        switch (mode) {
        case Rounding::Zero: return __builtin_truncf(x);
        case Rounding::Down: return __builtin_floorf(x);
        case Rounding::Up: return __builtin_ceilf(x);
        default: return __builtin_rintf(x);
        }
    } else {
        switch (mode) {
        case Rounding::Zero: return __builtin_trunc(x);
        case Rounding::Down: return __builtin_floor(x);
        case Rounding::Up: return __builtin_ceil(x);
        default: return __builtin_rint(x);
        }
    }
}

// Out of range clamps. NaN is zero, but where f64 or a 64-bit integer is involved it is the number with only the top bit set.
template <class D, class F> D to_integer(F x, Rounding mode) {
    F whole = to_whole(x, mode);
    constexpr D low = std::numeric_limits<D>::min(), high = std::numeric_limits<D>::max();
    constexpr int value_bits = std::numeric_limits<D>::digits;
    constexpr F limit = F(uint64_t(1) << (value_bits - 1)) * 2;
    constexpr bool wide = sizeof(D) == 8 || sizeof(F) == 8;
    D nan = wide ? D(Unsigned<D>(1) << (8 * sizeof(D) - 1)) : D(0);
    bool fits = whole < limit && whole >= F(low);
    D inside = static_cast<D>(fits ? whole : F(0));
    return x != x ? nan : whole >= limit ? high : whole < F(low) ? low : inside;
}

template <class H> uint16_t to_half(float x, Rounding mode) {
    uint16_t h = H::store(x);
    float back = H::load(h);
    if (mode == Rounding::Nearest || back == x || x != x) return h;
    bool below = back < x, shrink, grow; // in magnitude
    bool minus = std::bit_cast<uint32_t>(x) >> 31;
    shrink = (mode == Rounding::Zero && below == minus) || (mode == Rounding::Down && !below && !minus) || (mode == Rounding::Up && below && minus);
    grow = (mode == Rounding::Down && !below && minus) || (mode == Rounding::Up && below && !minus);
    return static_cast<uint16_t>(h - (shrink ? 1 : 0) + (grow ? 1 : 0));
}

template <class V> float narrowed(V v) { // to float, so that a further rounding to a half is the only one
    if constexpr (std::is_same_v<V, float>) return v;
    else return to_odd(static_cast<double>(v));
}

template <class D, class S> D converted(S source, Rounding mode, uint8_t flags) {
    auto v = value_of(source, flags & convert_flush);
    using V = decltype(v);
    if constexpr (!is_real<D>) {
        if constexpr (is_real<S>) {
            return to_integer<D>(v, mode);
        } else {
            if (!(flags & convert_saturate)) return static_cast<D>(v);
            using Limits = std::numeric_limits<D>;
            if constexpr (std::is_signed_v<S>) {
                if (v < 0) return std::is_signed_v<D> && int64_t(v) >= int64_t(Limits::min()) ? D(v) : Limits::min();
            }
            return uint64_t(v) > uint64_t(Limits::max()) ? Limits::max() : D(v);
        }
    } else {
        if constexpr (is_real<S>)
            if (flags & convert_whole) v = to_whole(v, mode);
        if constexpr (is_half<D>) {
            uint16_t h = to_half<D>(narrowed(v), mode);
            if (flags & (convert_saturate | convert_relu)) {
                float x = D::load(h);
                if (flags & convert_relu) h = x != x ? 0x7fff : x > 0 ? h : 0;
                else h = x > 0 ? (x < 1 ? h : D::one) : 0;
            }
            D result;
            result.bits = h;
            return result;
        } else {
            D result = static_cast<D>(v);
            if constexpr (std::is_same_v<D, float> && std::is_floating_point_v<V>) {
                if (flags & convert_flush) result = flushed(result);
            }
            if (flags & convert_saturate) result = result > 0 ? (result < 1 ? result : D(1)) : D(0);
            return result;
        }
    }
}

template <class D, class S> void convert(Warp &w, const Instruction &in) {
    const uint8_t *from = lanes_at<uint8_t>(w, in.operand[1]);
    Rounding mode = static_cast<Rounding>(in.mode);
    D result[lanes];
    for (int i = 0; i < lanes; i++) {
        S x;
        __builtin_memcpy(&x, from + i * in.width, sizeof x);
        result[i] = converted<D>(x, mode, in.detail);
    }
    uint8_t *to = lanes_at<uint8_t>(w, in.operand[0]);
    for (int i = 0; i < lanes; i++) {
        if (!(w.exec >> i & 1)) continue;
        uint64_t wide;
        if constexpr (std::is_integral_v<D>) wide = static_cast<uint64_t>(static_cast<int64_t>(result[i]));
        else wide = 0, __builtin_memcpy(&wide, &result[i], sizeof(D));
        __builtin_memcpy(to + i * in.register_width, &wide, in.register_width);
    }
}

// The common conversions between registers as wide as their types, one loop each, rounding known.
template <class D, class S, Rounding Mode, uint8_t Flags> void straight(Warp &w, const Instruction &in) {
    map<D>(w, in.operand[0], [](S x) { return converted<D>(x, Mode, Flags); }, lanes_at<S>(w, in.operand[1]));
}
template <class D, class S> void straight_any(Warp &w, const Instruction &in) {
    if constexpr (is_real<D> || is_real<S>) {
        if (in.detail == 0) {
            switch (static_cast<Rounding>(in.mode)) {
            case Rounding::Nearest: return straight<D, S, Rounding::Nearest, 0>(w, in);
            case Rounding::Zero: return straight<D, S, Rounding::Zero, 0>(w, in);
            case Rounding::Down: return straight<D, S, Rounding::Down, 0>(w, in);
            case Rounding::Up: return straight<D, S, Rounding::Up, 0>(w, in);
            default: break;
            }
        }
    } else if (in.detail == 0) {
        return straight<D, S, Rounding::Nearest, 0>(w, in);
    }
    convert<D, S>(w, in);
}

template <class D> Handler from_type(Type from, bool straight) {
    switch (from) {
#define CASE(T, S) case Type::T: return straight ? straight_any<D, S> : convert<D, S>;
    CASE(U32, uint32_t) CASE(S32, int32_t) CASE(U64, uint64_t) CASE(S64, int64_t) CASE(U16, uint16_t) CASE(S16, int16_t)
    CASE(F16, HalfF16) CASE(BF16, HalfBF16) CASE(F32, float) CASE(F64, double)
#undef CASE
    case Type::U8: return convert<D, uint8_t>;
    case Type::S8: return convert<D, int8_t>;
    default: return nullptr;
    }
}

// tf32 keeps the float's exponent and the upper 10 bits of its fraction; ties go away from zero, or to even.
void to_tf32(Warp &w, const Instruction &in) {
    Rounding mode = static_cast<Rounding>(in.mode);
    bool relu = in.detail & convert_relu;
    map<uint32_t>(w, in.operand[0], [mode, relu](uint32_t x) {
        bool special = (x & 0x7f800000u) == 0x7f800000u;
        uint32_t bump = mode == Rounding::NearestAway ? 0x1000u : mode == Rounding::Nearest ? 0xfffu + (x >> 13 & 1) : 0;
        uint32_t y = special ? ((x & 0x7fffffu) ? 0x7fffffffu : x) : (x + bump) & ~0x1fffu;
        return relu && (y >> 31) ? 0 : y;
    }, lanes_at<uint32_t>(w, in.operand[1]));
}

template <class H> void convert_pair(Warp &w, const Instruction &in) {
    Rounding mode = static_cast<Rounding>(in.mode);
    bool relu = in.detail & convert_relu;
    auto one = [=](float x) {
        uint16_t h = mode == Rounding::Nearest ? H::store(x) : to_half<H>(x, mode);
        return relu ? (x != x ? uint16_t(0x7fff) : h >> 15 ? uint16_t(0) : h) : h;
    };
    map<uint32_t>(w, in.operand[0], [one](float a, float b) { return uint32_t(one(a)) << 16 | one(b); },
                  lanes_at<float>(w, in.operand[1]), lanes_at<float>(w, in.operand[2]));
}

} // namespace

Handler convert_handler(Type to, Type from, bool straight) {
    switch (to) {
    case Type::U8: return from_type<uint8_t>(from, false);
    case Type::S8: return from_type<int8_t>(from, false);
    case Type::U16: return from_type<uint16_t>(from, straight);
    case Type::S16: return from_type<int16_t>(from, straight);
    case Type::U32: return from_type<uint32_t>(from, straight);
    case Type::S32: return from_type<int32_t>(from, straight);
    case Type::U64: return from_type<uint64_t>(from, straight);
    case Type::S64: return from_type<int64_t>(from, straight);
    case Type::F16: return from_type<HalfF16>(from, straight);
    case Type::BF16: return from_type<HalfBF16>(from, straight);
    case Type::F32: return from_type<float>(from, straight);
    case Type::F64: return from_type<double>(from, straight);
    case Type::TF32: return from == Type::F32 ? to_tf32 : nullptr;
    default: return nullptr;
    }
}

Handler convert_pair_handler(Type to) {
    return to == Type::F16x2 ? convert_pair<HalfF16> : to == Type::BF16x2 ? convert_pair<HalfBF16> : nullptr;
}

} // namespace softgpu::SOFTGPU_ISA
