// Extended-precision arithmetic: add.cc, addc, sub.cc, subc, mad.cc, madc. The condition code is one bit a lane.
#include "families.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

template <CarryOp Op, class T, bool In, bool Out> void extended(Warp &w, const Instruction &in) {
    const T *a = lanes_at<T>(w, in.operand[1]), *b = lanes_at<T>(w, in.operand[2]);
    const T *c = Op == CarryOp::MadLo || Op == CarryOp::MadHi ? lanes_at<T>(w, in.operand[3]) : b;
    T *d = lanes_at<T>(w, in.operand[0]);
    uint32_t carries = 0;
    for (int i = 0; i < lanes; i++) {
        if (!(w.exec >> i & 1)) continue;
        using Wide = unsigned __int128;
        constexpr int bits = 8 * sizeof(T);
        Wide carry = In ? w.carry >> i & 1 : 0, x = a[i], y = b[i], sum;
        if constexpr (Op == CarryOp::Add) sum = x + y + carry;
        else if constexpr (Op == CarryOp::Sub) sum = x - y - carry; // bit `bits` of the wrapped difference is the borrow
        else sum = (Op == CarryOp::MadLo ? Wide(T(x * y)) : Wide(T((x * y) >> bits))) + c[i] + carry;
        d[i] = T(sum);
        carries |= uint32_t(sum >> bits & 1) << i;
    }
    if (Out) w.carry = (w.carry & ~w.exec) | carries;
}

// The upper half of a signed product.
template <bool In, bool Out> void signed_mad_high(Warp &w, const Instruction &in) {
    const int32_t *a = lanes_at<int32_t>(w, in.operand[1]), *b = lanes_at<int32_t>(w, in.operand[2]);
    const uint32_t *c = lanes_at<uint32_t>(w, in.operand[3]);
    uint32_t *d = lanes_at<uint32_t>(w, in.operand[0]), carries = 0;
    for (int i = 0; i < lanes; i++) {
        if (!(w.exec >> i & 1)) continue;
        uint64_t sum = uint64_t(uint32_t((int64_t(a[i]) * b[i]) >> 32)) + c[i] + (In ? w.carry >> i & 1 : 0);
        d[i] = uint32_t(sum);
        carries |= uint32_t(sum >> 32 & 1) << i;
    }
    if (Out) w.carry = (w.carry & ~w.exec) | carries;
}

template <CarryOp Op, class T> Handler with_flags(bool in, bool out) {
    return in ? (out ? extended<Op, T, true, true> : extended<Op, T, true, false>)
              : (out ? extended<Op, T, false, true> : extended<Op, T, false, false>);
}

template <class T> Handler of_width(CarryOp op, bool in, bool out) {
    switch (op) {
    case CarryOp::Add: return with_flags<CarryOp::Add, T>(in, out);
    case CarryOp::Sub: return with_flags<CarryOp::Sub, T>(in, out);
    case CarryOp::MadLo: return with_flags<CarryOp::MadLo, T>(in, out);
    case CarryOp::MadHi: return with_flags<CarryOp::MadHi, T>(in, out);
    }
    return nullptr;
}

} // namespace

Handler carry_handler(CarryOp op, Type type, bool in, bool out) {
    if (op == CarryOp::MadHi && type == Type::S32)
        return in ? (out ? signed_mad_high<true, true> : signed_mad_high<true, false>)
                  : (out ? signed_mad_high<false, true> : signed_mad_high<false, false>);
    if (op == CarryOp::MadHi && type == Type::S64) return nullptr;
    switch (bits_of(type)) {
    case 32: return of_width<uint32_t>(op, in, out);
    case 64: return of_width<uint64_t>(op, in, out);
    default: return nullptr;
    }
}

} // namespace softgpu::SOFTGPU_ISA
