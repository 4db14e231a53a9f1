// f16, bf16 and their pairs. Sums and products are computed in float, which has more than twice the digits, so that the one
// rounding that counts is the last; fma rounds to odd first. A pair of halves in a 32-bit register is two consecutive 16-bit
// values, so an instruction on pairs is the same loop over 64 of them.
#include "half_arithmetic.h"

#include "half.h"
#include "lanes.h"

#include <cmath>

namespace softgpu::SOFTGPU_ISA {
namespace {

inline bool is_nan(float x) { return x != x; }
inline bool minus(float x) { return std::bit_cast<uint32_t>(x) >> 31; }
inline float smaller(float a, float b) { return a < b || (a == b && minus(a)) ? a : b; }
inline float larger(float a, float b) { return a > b || (a == b && !minus(a)) ? a : b; }
inline float nan() { return std::bit_cast<float>(0x7fffffffu); }

#define OPERATION(name, expression)                                                                                             \
    struct name {                                                                                                               \
        static float of(float a, [[maybe_unused]] float b) { return expression; }                                               \
    };
OPERATION(Add, a + b)
OPERATION(Sub, a - b)
OPERATION(Mul, a * b)
OPERATION(Min, is_nan(a) ? (is_nan(b) ? nan() : b) : is_nan(b) ? a : smaller(a, b))
OPERATION(Max, is_nan(a) ? (is_nan(b) ? nan() : b) : is_nan(b) ? a : larger(a, b))
OPERATION(MinNan, is_nan(a) || is_nan(b) ? nan() : smaller(a, b))
OPERATION(MaxNan, is_nan(a) || is_nan(b) ? nan() : larger(a, b))
OPERATION(Ex2, static_cast<float>(__builtin_exp2(double(a))))
OPERATION(Tanh, static_cast<float>(__builtin_tanh(double(a))))
#undef OPERATION

template <class H> uint16_t flush_half(uint16_t x) { return (x & 0x7fff) < H::smallest_normal ? x & 0x8000 : x; }

template <class H, Finish How, bool Flush> uint16_t finish(uint16_t x) {
    if constexpr (Flush) x = flush_half<H>(x);
    bool number = !is_nan(H::load(x));
    if constexpr (How == Finish::Saturate) x = !number || x >> 15 ? 0 : (x > H::one ? H::one : x);
    if constexpr (How == Finish::Relu) x = !number ? 0x7fff : x >> 15 ? 0 : x;
    return x;
}

// Over 32 values, or 64 where the register holds pairs.
template <int Halves, class F, class... S> void map_halves(Warp &w, uint32_t destination, F f, const S *...s) {
    uint16_t *d = lanes_at<uint16_t>(w, destination);
    uint16_t result[lanes * Halves];
    for (int i = 0; i < lanes * Halves; i++) result[i] = f(s[i]...);
    if (w.exec == all_lanes) {
        __builtin_memcpy(d, result, sizeof result);
        return;
    }
    uint32_t exec = w.exec;
    for (int i = 0; i < lanes * Halves; i++) d[i] = (exec >> (i / Halves)) & 1 ? result[i] : d[i];
}

template <class Op, class H, int Halves, Finish How, bool Flush> void binary(Warp &w, const Instruction &in) {
    map_halves<Halves>(w, in.operand[0], [](uint16_t a, uint16_t b) {
        if constexpr (Flush) a = flush_half<H>(a), b = flush_half<H>(b);
        return finish<H, How, Flush>(H::store(Op::of(H::load(a), H::load(b))));
    }, lanes_at<uint16_t>(w, in.operand[1]), lanes_at<uint16_t>(w, in.operand[2]));
}
template <class Op, class H, int Halves, bool Flush> void unary(Warp &w, const Instruction &in) {
    map_halves<Halves>(w, in.operand[0], [](uint16_t a) {
        if constexpr (Flush) a = flush_half<H>(a);
        return finish<H, Finish::Plain, Flush>(H::store(Op::of(H::load(a), 0)));
    }, lanes_at<uint16_t>(w, in.operand[1]));
}
template <class H, int Halves, Finish How, bool Flush> void fused(Warp &w, const Instruction &in) {
    map_halves<Halves>(w, in.operand[0], [](uint16_t a, uint16_t b, uint16_t c) {
        if constexpr (Flush) a = flush_half<H>(a), b = flush_half<H>(b), c = flush_half<H>(c);
        return finish<H, How, Flush>(H::store(to_odd(fma_to_odd(H::load(a), H::load(b), H::load(c)))));
    }, lanes_at<uint16_t>(w, in.operand[1]), lanes_at<uint16_t>(w, in.operand[2]), lanes_at<uint16_t>(w, in.operand[3]));
}
template <int Halves, uint16_t And, uint16_t Flip> void sign(Warp &w, const Instruction &in) {
    map_halves<Halves>(w, in.operand[0], [](uint16_t a) { return uint16_t((a & And) ^ Flip); }, lanes_at<uint16_t>(w, in.operand[1]));
}

template <class H, int Halves, Finish How, bool Flush> Handler of_kind(FloatOp op) {
    switch (op) {
    case FloatOp::Add: return binary<Add, H, Halves, How, Flush>;
    case FloatOp::Sub: return binary<Sub, H, Halves, How, Flush>;
    case FloatOp::Mul: return binary<Mul, H, Halves, How, Flush>;
    case FloatOp::Fma: return fused<H, Halves, How, Flush>;
    default: break;
    }
    if constexpr (How == Finish::Plain) {
        switch (op) {
        case FloatOp::Min: return binary<Min, H, Halves, How, Flush>;
        case FloatOp::Max: return binary<Max, H, Halves, How, Flush>;
        case FloatOp::MinNan: return binary<MinNan, H, Halves, How, Flush>;
        case FloatOp::MaxNan: return binary<MaxNan, H, Halves, How, Flush>;
        case FloatOp::Abs: return sign<Halves, 0x7fff, 0>;
        case FloatOp::Neg: return sign<Halves, 0xffff, 0x8000>;
        case FloatOp::Ex2: return unary<Ex2, H, Halves, Flush>;
        case FloatOp::Tanh: return unary<Tanh, H, Halves, Flush>;
        default: break;
        }
    }
    return nullptr;
}

template <class H, int Halves> Handler with_finish(FloatOp op, Finish how, bool flush) {
    switch (how) {
    case Finish::Plain: return flush ? of_kind<H, Halves, Finish::Plain, true>(op) : of_kind<H, Halves, Finish::Plain, false>(op);
    case Finish::Saturate: return flush ? of_kind<H, Halves, Finish::Saturate, true>(op) : of_kind<H, Halves, Finish::Saturate, false>(op);
    case Finish::Relu: return flush ? of_kind<H, Halves, Finish::Relu, true>(op) : of_kind<H, Halves, Finish::Relu, false>(op);
    }
    return nullptr;
}

} // namespace

Handler half_handler(FloatOp op, Type type, Finish how, bool flush) {
    switch (type) {
    case Type::F16: return with_finish<F16, 1>(op, how, flush);
    case Type::F16x2: return with_finish<F16, 2>(op, how, flush);
    case Type::BF16: return with_finish<BF16, 1>(op, how, flush);
    case Type::BF16x2: return with_finish<BF16, 2>(op, how, flush);
    default: return nullptr;
    }
}

} // namespace softgpu::SOFTGPU_ISA
