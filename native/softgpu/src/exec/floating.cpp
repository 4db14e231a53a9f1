// Floating-point arithmetic of f32 and f64. Approximations (.approx) are computed more exactly than hardware does: they are
// rounded from double. Directed rounding runs the same loops under the host's rounding mode.
#include "families.h"
#include "half_arithmetic.h"
#include "lanes.h"

#include <cfenv>
#include <cmath>

namespace softgpu::SOFTGPU_ISA {
namespace {

inline float flushed(float x) {
    uint32_t bits = std::bit_cast<uint32_t>(x);
    return std::bit_cast<float>(bits & 0x7f800000u ? bits : bits & 0x80000000u);
}

template <class T> T quiet_nan() {
    if constexpr (sizeof(T) == 4) return std::bit_cast<float>(0x7fffffffu);
    else return std::bit_cast<double>(0x7fffffffffffffffull);
}

template <Finish How, bool Flush, class T> T finish(T x) {
    if constexpr (Flush) x = flushed(x);
    if constexpr (How == Finish::Saturate) x = x > T(0) ? (x < T(1) ? x : T(1)) : T(0); // NaN becomes 0
    return x;
}

template <class T> bool negative(T x) {
    if constexpr (sizeof(T) == 4) return std::bit_cast<uint32_t>(x) >> 31;
    else return std::bit_cast<uint64_t>(x) >> 63;
}
template <class T> T magnitude(T x) {
    if constexpr (sizeof(T) == 4) return std::bit_cast<float>(std::bit_cast<uint32_t>(x) & 0x7fffffffu);
    else return std::bit_cast<double>(std::bit_cast<uint64_t>(x) & 0x7fffffffffffffffull);
}
template <class T> T smaller(T a, T b) { return a < b || (a == b && negative(a)) ? a : b; }
template <class T> T larger(T a, T b) { return a > b || (a == b && !negative(a)) ? a : b; }
template <class T> T with_sign(T x, bool minus) { return minus ? -magnitude(x) : magnitude(x); }

#define OPERATION(name, ...)                                                                                                    \
    struct name {                                                                                                               \
        template <class T> static T of(T a, [[maybe_unused]] T b) { __VA_ARGS__ }                                               \
    };
OPERATION(Add, return a + b;)
OPERATION(Sub, return a - b;)
OPERATION(Mul, return a * b;)
OPERATION(Div, return a / b;)
OPERATION(Rcp, return T(1) / a;)
OPERATION(Sqrt, if constexpr (sizeof(T) == 4) return __builtin_sqrtf(a); else return __builtin_sqrt(a);)
OPERATION(Rsqrt, return T(1.0 / __builtin_sqrt(double(a)));)
OPERATION(Ex2, return T(__builtin_exp2(double(a)));)
OPERATION(Lg2, return T(__builtin_log2(double(a)));)
OPERATION(Sin, return T(__builtin_sin(double(a)));)
OPERATION(Cos, return T(__builtin_cos(double(a)));)
OPERATION(Tanh, return T(__builtin_tanh(double(a)));)
OPERATION(Abs, return magnitude(a);)
OPERATION(Neg, return -a;)
OPERATION(Copysign, return with_sign(b, negative(a));)
OPERATION(Min, return a != a ? (b != b ? quiet_nan<T>() : b) : b != b ? a : smaller(a, b);)
OPERATION(Max, return a != a ? (b != b ? quiet_nan<T>() : b) : b != b ? a : larger(a, b);)
OPERATION(MinNan, return a != a || b != b ? quiet_nan<T>() : smaller(a, b);)
OPERATION(MaxNan, return a != a || b != b ? quiet_nan<T>() : larger(a, b);)
OPERATION(MinXorsign, return with_sign(Min::of(magnitude(a), magnitude(b)), negative(a) != negative(b));)
OPERATION(MaxXorsign, return with_sign(Max::of(magnitude(a), magnitude(b)), negative(a) != negative(b));)
#undef OPERATION

template <class Op, class T, Finish How, bool Flush> void binary(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, T b) {
        if constexpr (Flush) a = flushed(a), b = flushed(b);
        return finish<How, Flush>(Op::template of<T>(a, b));
    }, lanes_at<T>(w, in.operand[1]), lanes_at<T>(w, in.operand[2]));
}
template <class Op, class T, Finish How, bool Flush> void unary(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a) {
        if constexpr (Flush) a = flushed(a);
        return finish<How, Flush>(Op::template of<T>(a, a));
    }, lanes_at<T>(w, in.operand[1]));
}
template <class T, Finish How, bool Flush> void fused(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, T b, T c) {
        if constexpr (Flush) a = flushed(a), b = flushed(b), c = flushed(c);
        if constexpr (sizeof(T) == 4) return finish<How, Flush>(T(__builtin_fmaf(a, b, c)));
        else return T(__builtin_fma(a, b, c));
    }, lanes_at<T>(w, in.operand[1]), lanes_at<T>(w, in.operand[2]), lanes_at<T>(w, in.operand[3]));
}

template <class T, Finish How, bool Flush> Handler of_type(FloatOp op) {
    switch (op) {
    case FloatOp::Add: return binary<Add, T, How, Flush>;
    case FloatOp::Sub: return binary<Sub, T, How, Flush>;
    case FloatOp::Mul: return binary<Mul, T, How, Flush>;
    case FloatOp::Fma: return fused<T, How, Flush>;
    default: break;
    }
    if constexpr (How == Finish::Plain) {
        switch (op) {
        case FloatOp::Div: return binary<Div, T, How, Flush>;
        case FloatOp::Rcp: return unary<Rcp, T, How, Flush>;
        case FloatOp::Sqrt: return unary<Sqrt, T, How, Flush>;
        case FloatOp::Rsqrt: return unary<Rsqrt, T, How, Flush>;
        case FloatOp::Abs: return unary<Abs, T, How, Flush>;
        case FloatOp::Neg: return unary<Neg, T, How, Flush>;
        case FloatOp::Min: return binary<Min, T, How, Flush>;
        case FloatOp::Max: return binary<Max, T, How, Flush>;
        case FloatOp::Copysign: return binary<Copysign, T, How, Flush>;
        default: break;
        }
        if constexpr (sizeof(T) == 4) {
            switch (op) {
            case FloatOp::Ex2: return unary<Ex2, T, How, Flush>;
            case FloatOp::Lg2: return unary<Lg2, T, How, Flush>;
            case FloatOp::Sin: return unary<Sin, T, How, Flush>;
            case FloatOp::Cos: return unary<Cos, T, How, Flush>;
            case FloatOp::Tanh: return unary<Tanh, T, How, Flush>;
            case FloatOp::MinNan: return binary<MinNan, T, How, Flush>;
            case FloatOp::MaxNan: return binary<MaxNan, T, How, Flush>;
            case FloatOp::MinXorsign: return binary<MinXorsign, T, How, Flush>;
            case FloatOp::MaxXorsign: return binary<MaxXorsign, T, How, Flush>;
            default: break;
            }
        }
    }
    return nullptr;
}

void under_rounding(Warp &w, const Instruction &in) {
    static constexpr int host[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    std::fesetround(host[in.mode]);
    in.inner(w, in);
    std::fesetround(FE_TONEAREST);
}

} // namespace

Handler directed_rounding_handler() { return under_rounding; }

Handler float_handler(FloatOp op, Type type, Finish how, bool flush) {
    bool saturate = how == Finish::Saturate;
    switch (type) {
    case Type::F32:
        if (how == Finish::Relu) return nullptr;
        if (flush) return saturate ? of_type<float, Finish::Saturate, true>(op) : of_type<float, Finish::Plain, true>(op);
        return saturate ? of_type<float, Finish::Saturate, false>(op) : of_type<float, Finish::Plain, false>(op);
    case Type::F64: return how == Finish::Plain && !flush ? of_type<double, Finish::Plain, false>(op) : nullptr;
    case Type::F16: case Type::BF16: case Type::F16x2: case Type::BF16x2: return half_handler(op, type, how, flush);
    default: return nullptr;
    }
}

} // namespace softgpu::SOFTGPU_ISA
