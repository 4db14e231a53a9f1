// Integer arithmetic, logic, shifts and bit counting for 16, 32 and 64 bits.
#include "families.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

template <class T> T high_product(T a, T b) {
    if constexpr (sizeof(T) == 8) {
        using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
        return static_cast<T>((Wide(a) * Wide(b)) >> 64);
    } else {
        using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
        return static_cast<T>((Wide(a) * Wide(b)) >> (8 * sizeof(T)));
    }
}

template <class T> T saturate(int64_t x) {
    constexpr int64_t low = std::is_signed_v<T> ? -(int64_t(1) << (8 * sizeof(T) - 1)) : 0;
    constexpr int64_t high = std::is_signed_v<T> ? (int64_t(1) << (8 * sizeof(T) - 1)) - 1 : 0xffffffffll;
    return static_cast<T>(x < low ? low : x > high ? high : x);
}

#define OPERATION(name, body)                                                                                                   \
    struct name {                                                                                                               \
        template <class T> static T of(T a, [[maybe_unused]] T b) { return static_cast<T>(body); }                              \
    };
OPERATION(Add, Wrapping<T>(a) + Wrapping<T>(b))
OPERATION(Sub, Wrapping<T>(a) - Wrapping<T>(b))
OPERATION(MulLo, Wrapping<T>(a) * Wrapping<T>(b))
OPERATION(MulHi, high_product(a, b))
OPERATION(Min, a < b ? a : b)
OPERATION(Max, a > b ? a : b)
OPERATION(And, a & b)
OPERATION(Or, a | b)
OPERATION(Xor, a ^ b)
OPERATION(AddSat, saturate<T>(int64_t(a) + int64_t(b)))
OPERATION(SubSat, saturate<T>(int64_t(a) - int64_t(b)))
// Division by zero yields all ones, as the hardware's sequences do; the most negative number over -1 wraps.
OPERATION(Div, b == 0 ? T(~T(0)) : (std::is_signed_v<T> && b == T(-1)) ? T(Wrapping<T>(0) - Wrapping<T>(a)) : T(a / b))
OPERATION(Rem, b == 0 ? a : (std::is_signed_v<T> && b == T(-1)) ? T(0) : T(a % b))
OPERATION(Copysign, (b & T(~(Unsigned<T>(1) << (8 * sizeof(T) - 1)))) | (a & T(Unsigned<T>(1) << (8 * sizeof(T) - 1))))
OPERATION(Abs, a < 0 ? T(Wrapping<T>(0) - Wrapping<T>(a)) : a)
OPERATION(Neg, Wrapping<T>(0) - Wrapping<T>(a))
OPERATION(Not, ~a)
OPERATION(Cnot, a == 0 ? 1 : 0)
#undef OPERATION

// Only the low 24 bits of the factors count.
template <class T> T factor24(T a) {
    if constexpr (std::is_signed_v<T>) return T(T(Unsigned<T>(a) << 8) >> 8);
    else return a & T(0xffffff);
}

template <class Op, class T> void binary(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, T b) { return Op::template of<T>(a, b); }, lanes_at<T>(w, in.operand[1]), lanes_at<T>(w, in.operand[2]));
}
template <class Op, class T> void unary(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a) { return Op::template of<T>(a, a); }, lanes_at<T>(w, in.operand[1]));
}
template <class Op, class T> void multiply_add(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, T b, T c) { return Add::of<T>(Op::template of<T>(a, b), c); }, lanes_at<T>(w, in.operand[1]),
           lanes_at<T>(w, in.operand[2]), lanes_at<T>(w, in.operand[3]));
}

template <class T> struct Double;
template <> struct Double<uint16_t> { using type = uint32_t; };
template <> struct Double<int16_t> { using type = int32_t; };
template <> struct Double<uint32_t> { using type = uint64_t; };
template <> struct Double<int32_t> { using type = int64_t; };

template <class T, bool WithSum> void multiply_wide(Warp &w, const Instruction &in) {
    using W = typename Double<T>::type;
    const T *a = lanes_at<T>(w, in.operand[1]), *b = lanes_at<T>(w, in.operand[2]);
    if constexpr (WithSum)
        map<W>(w, in.operand[0], [](T x, T y, W z) { return W(Unsigned<W>(W(x) * W(y)) + Unsigned<W>(z)); }, a, b,
               lanes_at<W>(w, in.operand[3]));
    else map<W>(w, in.operand[0], [](T x, T y) { return W(x) * W(y); }, a, b);
}

void multiply_high_add_saturate(Warp &w, const Instruction &in) {
    map<int32_t>(w, in.operand[0], [](int32_t a, int32_t b, int32_t c) { return saturate<int32_t>(int64_t(high_product(a, b)) + c); },
                 lanes_at<int32_t>(w, in.operand[1]), lanes_at<int32_t>(w, in.operand[2]), lanes_at<int32_t>(w, in.operand[3]));
}

template <class T, bool WithSum> void multiply24(Warp &w, const Instruction &in) {
    const T *a = lanes_at<T>(w, in.operand[1]), *b = lanes_at<T>(w, in.operand[2]);
    if constexpr (WithSum)
        map<T>(w, in.operand[0], [](T x, T y, T z) { return T(Wrapping<T>(factor24(x)) * Wrapping<T>(factor24(y)) + Wrapping<T>(z)); }, a, b,
               lanes_at<T>(w, in.operand[3]));
    else map<T>(w, in.operand[0], [](T x, T y) { return T(Wrapping<T>(factor24(x)) * Wrapping<T>(factor24(y))); }, a, b);
}

// Shift amounts are 32-bit and clamp at the width.
template <class T> void shift_left(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, uint32_t n) { return n >= 8 * sizeof(T) ? T(0) : T(Wrapping<T>(a) << (n & (8 * sizeof(T) - 1))); },
           lanes_at<T>(w, in.operand[1]), lanes_at<uint32_t>(w, in.operand[2]));
}
template <class T> void shift_right(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, uint32_t n) {
        constexpr uint32_t bits = 8 * sizeof(T);
        if constexpr (std::is_signed_v<T>) return T(a >> (n >= bits ? bits - 1 : n));
        else return n >= bits ? T(0) : T(a >> (n & (bits - 1)));
    }, lanes_at<T>(w, in.operand[1]), lanes_at<uint32_t>(w, in.operand[2]));
}

template <class T> T reversed(T x) {
    T r = 0;
    for (uint32_t i = 0; i < 8 * sizeof(T); i++) r = T(r << 1) | T(x >> i & 1);
    return r;
}
template <class T> uint32_t leading(T x) { // position of the bit that bfind finds, all ones if none
    Unsigned<T> u = std::is_signed_v<T> && x < 0 ? ~x : x;
    return u == 0 ? 0xffffffffu : uint32_t(8 * sizeof(T) - 1 - std::countl_zero(u));
}

template <class T> Handler counting(IntegerOp op) {
    switch (op) {
    case IntegerOp::Popc:
        return [](Warp &w, const Instruction &in) {
            map<uint32_t>(w, in.operand[0], [](T a) { return uint32_t(std::popcount(Unsigned<T>(a))); }, lanes_at<T>(w, in.operand[1]));
        };
    case IntegerOp::Clz:
        return [](Warp &w, const Instruction &in) {
            map<uint32_t>(w, in.operand[0], [](T a) { return uint32_t(std::countl_zero(Unsigned<T>(a))); }, lanes_at<T>(w, in.operand[1]));
        };
    case IntegerOp::Bfind:
        return [](Warp &w, const Instruction &in) {
            map<uint32_t>(w, in.operand[0], [](T a) { return leading<T>(a); }, lanes_at<T>(w, in.operand[1]));
        };
    case IntegerOp::BfindShift:
        return [](Warp &w, const Instruction &in) {
            map<uint32_t>(w, in.operand[0],
                          [](T a) { uint32_t p = leading<T>(a); return p == 0xffffffffu ? p : uint32_t(8 * sizeof(T) - 1) - p; },
                          lanes_at<T>(w, in.operand[1]));
        };
    case IntegerOp::Brev:
        return [](Warp &w, const Instruction &in) {
            map<T>(w, in.operand[0], [](T a) { return T(reversed(Unsigned<T>(a))); }, lanes_at<T>(w, in.operand[1]));
        };
    default: return nullptr;
    }
}

// A field that reaches past the top is cut there; bits beyond it are zero or copies of its highest bit.
template <class T> void extract_field(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, uint32_t b, uint32_t c) {
        constexpr uint32_t bits = 8 * sizeof(T), top = bits - 1;
        uint32_t pos = b & 0xff, len = c & 0xff;
        Unsigned<T> u = a, field = pos > top ? 0 : u >> pos;
        bool negative = std::is_signed_v<T> && len != 0 && (u >> (pos + len - 1 < top ? pos + len - 1 : top) & 1);
        uint32_t kept = pos > top ? 0 : (len < bits - pos ? len : bits - pos);
        Unsigned<T> mask = kept >= bits ? ~Unsigned<T>(0) : (Unsigned<T>(1) << kept) - 1;
        return T((field & mask) | (negative ? ~mask : 0));
    }, lanes_at<T>(w, in.operand[1]), lanes_at<uint32_t>(w, in.operand[2]), lanes_at<uint32_t>(w, in.operand[3]));
}
template <class T> void insert_field(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, T b, uint32_t c, uint32_t d) {
        constexpr uint32_t bits = 8 * sizeof(T);
        uint32_t pos = c & 0xff, len = d & 0xff;
        if (pos >= bits || len == 0) return b;
        uint32_t kept = len < bits - pos ? len : bits - pos;
        Unsigned<T> mask = (kept >= bits ? ~Unsigned<T>(0) : (Unsigned<T>(1) << kept) - 1) << pos;
        return T((Unsigned<T>(b) & ~mask) | ((Unsigned<T>(a) << pos) & mask));
    }, lanes_at<T>(w, in.operand[1]), lanes_at<T>(w, in.operand[2]), lanes_at<uint32_t>(w, in.operand[3]), lanes_at<uint32_t>(w, in.operand[4]));
}
template <class T> void absolute_difference(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, T b, T c) { return T(Wrapping<T>(c) + (a < b ? Wrapping<T>(b) - Wrapping<T>(a) : Wrapping<T>(a) - Wrapping<T>(b))); },
           lanes_at<T>(w, in.operand[1]), lanes_at<T>(w, in.operand[2]), lanes_at<T>(w, in.operand[3]));
}

template <class T> Handler of_type(IntegerOp op) {
    switch (op) {
    case IntegerOp::Add: return binary<Add, T>;
    case IntegerOp::Sub: return binary<Sub, T>;
    case IntegerOp::MulLo: return binary<MulLo, T>;
    case IntegerOp::MulHi: return binary<MulHi, T>;
    case IntegerOp::Div: return binary<Div, T>;
    case IntegerOp::Rem: return binary<Rem, T>;
    case IntegerOp::Min: return binary<Min, T>;
    case IntegerOp::Max: return binary<Max, T>;
    case IntegerOp::And: return binary<And, T>;
    case IntegerOp::Or: return binary<Or, T>;
    case IntegerOp::Xor: return binary<Xor, T>;
    case IntegerOp::Copysign: return binary<Copysign, T>;
    case IntegerOp::Shl: return shift_left<T>;
    case IntegerOp::Shr: return shift_right<T>;
    case IntegerOp::Abs: return unary<Abs, T>;
    case IntegerOp::Neg: return unary<Neg, T>;
    case IntegerOp::Not: return unary<Not, T>;
    case IntegerOp::Cnot: return unary<Cnot, T>;
    case IntegerOp::MadLo: return multiply_add<MulLo, T>;
    case IntegerOp::MadHi: return multiply_add<MulHi, T>;
    case IntegerOp::Sad: return absolute_difference<T>;
    default: break;
    }
    if constexpr (sizeof(T) <= 4) {
        if (op == IntegerOp::MulWide) return multiply_wide<T, false>;
        if (op == IntegerOp::MadWide) return multiply_wide<T, true>;
    }
    if constexpr (sizeof(T) == 4) {
        if (op == IntegerOp::AddSat) return binary<AddSat, T>;
        if (op == IntegerOp::SubSat) return binary<SubSat, T>;
        if (op == IntegerOp::Mul24Lo) return multiply24<T, false>;
        if (op == IntegerOp::Mad24Lo) return multiply24<T, true>;
    }
    if constexpr (std::is_same_v<T, int32_t>)
        if (op == IntegerOp::MadHiSat) return multiply_high_add_saturate;
    if constexpr (sizeof(T) >= 4) {
        if (op == IntegerOp::Bfe) return extract_field<T>;
        if (op == IntegerOp::Bfi) return insert_field<T>;
        return counting<T>(op);
    }
    return nullptr;
}

} // namespace

Handler integer_handler(IntegerOp op, Type type) {
    switch (type) {
    case Type::B16: case Type::U16: return of_type<uint16_t>(op);
    case Type::S16: return of_type<int16_t>(op);
    case Type::B32: case Type::U32: return of_type<uint32_t>(op);
    case Type::S32: return of_type<int32_t>(op);
    case Type::B64: case Type::U64: return of_type<uint64_t>(op);
    case Type::S64: return of_type<int64_t>(op);
    default: return nullptr;
    }
}

} // namespace softgpu::SOFTGPU_ISA
