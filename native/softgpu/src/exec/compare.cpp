// setp, set, testp: comparisons that yield predicates. The boolean operation with a third predicate is part of setp.
#include "families.h"
#include "half.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

// Combines the comparison with operand 4 and writes p (operand 0) and its complement q (operand 1).
void combine(Warp &w, const Instruction &in, uint32_t holds) {
    uint32_t other = ~holds;
    if (in.detail) {
        uint32_t c = predicate(w, in.operand[4]) ^ (in.detail & 0x80 ? ~0u : 0);
        switch (in.detail & 3) {
        case 1: holds &= c, other &= c; break;
        case 2: holds |= c, other |= c; break;
        default: holds ^= c, other ^= c; break;
        }
    }
    set_predicate(w, in.operand[0], holds);
    if (in.operand[1] != no_operand) set_predicate(w, in.operand[1], other);
}

template <Comparison C, class T> bool holds(T a, T b) {
    if constexpr (C == Comparison::Eq) return a == b;
    if constexpr (C == Comparison::Ne) return (a < b) | (a > b); // ordered: false for a NaN
    if constexpr (C == Comparison::Lt) return a < b;
    if constexpr (C == Comparison::Le) return a <= b;
    if constexpr (C == Comparison::Gt) return a > b;
    if constexpr (C == Comparison::Ge) return a >= b;
    if constexpr (C == Comparison::Equ) return !((a < b) | (a > b));
    if constexpr (C == Comparison::Neu) return !(a == b);
    if constexpr (C == Comparison::Ltu) return !(a >= b);
    if constexpr (C == Comparison::Leu) return !(a > b);
    if constexpr (C == Comparison::Gtu) return !(a <= b);
    if constexpr (C == Comparison::Geu) return !(a < b);
    if constexpr (C == Comparison::Num) return (a == a) & (b == b);
    if constexpr (C == Comparison::Nan) return (a != a) | (b != b);
}

struct Same {
    template <class T> static T load(T x) { return x; }
};
struct Flushed {
    static float load(float x) {
        uint32_t bits = std::bit_cast<uint32_t>(x);
        return std::bit_cast<float>(bits & 0x7f800000u ? bits : bits & 0x80000000u);
    }
};

template <Comparison C, class T, class Load> void compare(Warp &w, const Instruction &in) {
    combine(w, in, test([](T a, T b) { auto x = Load::load(a), y = Load::load(b); return holds<C>(x, y); },
                        lanes_at<T>(w, in.operand[2]), lanes_at<T>(w, in.operand[3])));
}

// Pairs of halves: p and q are the two comparisons.
template <Comparison C, class H> void compare_pairs(Warp &w, const Instruction &in) {
    const uint32_t *a = lanes_at<uint32_t>(w, in.operand[2]), *b = lanes_at<uint32_t>(w, in.operand[3]);
    uint32_t low = test([](uint32_t x, uint32_t y) { return holds<C>(H::load(uint16_t(x)), H::load(uint16_t(y))); }, a, b);
    uint32_t high = test([](uint32_t x, uint32_t y) { return holds<C>(H::load(uint16_t(x >> 16)), H::load(uint16_t(y >> 16))); }, a, b);
    if (in.detail) {
        uint32_t c = predicate(w, in.operand[4]) ^ (in.detail & 0x80 ? ~0u : 0);
        switch (in.detail & 3) {
        case 1: low &= c, high &= c; break;
        case 2: low |= c, high |= c; break;
        default: low ^= c, high ^= c; break;
        }
    }
    set_predicate(w, in.operand[0], low);
    if (in.operand[1] != no_operand) set_predicate(w, in.operand[1], high);
}

template <Comparison C> Handler of_type(Type type, bool flush) {
    constexpr bool ordered_only = C >= Comparison::Equ;
    switch (type) {
    case Type::F32: return flush ? compare<C, float, Flushed> : compare<C, float, Same>;
    case Type::F64: return compare<C, double, Same>;
    case Type::F16: return compare<C, uint16_t, F16>;
    case Type::BF16: return compare<C, uint16_t, BF16>;
    case Type::F16x2: return compare_pairs<C, F16>;
    case Type::BF16x2: return compare_pairs<C, BF16>;
    default: break;
    }
    if constexpr (!ordered_only) {
        switch (type) {
        case Type::B16: case Type::U16: return compare<C, uint16_t, Same>;
        case Type::S16: return compare<C, int16_t, Same>;
        case Type::B32: case Type::U32: return compare<C, uint32_t, Same>;
        case Type::S32: return compare<C, int32_t, Same>;
        case Type::B64: case Type::U64: return compare<C, uint64_t, Same>;
        case Type::S64: return compare<C, int64_t, Same>;
        default: break;
        }
    }
    return nullptr;
}

void by_predicate(Warp &w, const Instruction &in) { // set: a predicate becomes one of two values
    uint32_t p = predicate(w, in.operand[1]);
    alignas(64) static constexpr uint32_t number[lanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                                                           16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    map<uint32_t>(w, in.operand[0], [p](uint32_t i, uint32_t yes, uint32_t no) { return p >> i & 1 ? yes : no; }, number,
                  lanes_at<uint32_t>(w, in.operand[2]), lanes_at<uint32_t>(w, in.operand[3]));
}

template <class Bits, int Exponent> bool is_kind(Bits x, uint8_t what) {
    constexpr int width = 8 * sizeof(Bits), fraction = width - 1 - Exponent;
    Bits exponent = x >> fraction & ((Bits(1) << Exponent) - 1), rest = x & ((Bits(1) << fraction) - 1);
    bool top = exponent == (Bits(1) << Exponent) - 1;
    switch (what) {
    case 0: return !top;                        // finite
    case 1: return top && rest == 0;            // infinite
    case 2: return !(top && rest != 0);         // number
    case 3: return top && rest != 0;            // notanumber
    case 4: return !top && exponent != 0;       // normal
    default: return exponent == 0 && rest != 0; // subnormal
    }
}

} // namespace

Handler compare_handler(Comparison c, Type type, bool flush) {
    switch (c) {
#define CASE(name) case Comparison::name: return of_type<Comparison::name>(type, flush);
    CASE(Eq) CASE(Ne) CASE(Lt) CASE(Le) CASE(Gt) CASE(Ge) CASE(Equ) CASE(Neu) CASE(Ltu) CASE(Leu) CASE(Gtu) CASE(Geu) CASE(Num) CASE(Nan)
#undef CASE
    }
    return nullptr;
}

Handler compare_value_handler() { return by_predicate; }

Handler test_number_handler(uint8_t, Type type) {
    if (type == Type::F32)
        return [](Warp &w, const Instruction &in) {
            uint8_t what = in.mode;
            set_predicate(w, in.operand[0], test([what](uint32_t x) { return is_kind<uint32_t, 8>(x, what); }, lanes_at<uint32_t>(w, in.operand[1])));
        };
    if (type == Type::F64)
        return [](Warp &w, const Instruction &in) {
            uint8_t what = in.mode;
            set_predicate(w, in.operand[0], test([what](uint64_t x) { return is_kind<uint64_t, 11>(x, what); }, lanes_at<uint64_t>(w, in.operand[1])));
        };
    return nullptr;
}

} // namespace softgpu::SOFTGPU_ISA
