// atom and red: global memory is shared with blocks that other host threads run, so every update is a host atomic. Lanes act in
// order of their number.
#include "addressing.h"
#include "families.h"
#include "half.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

template <class H> uint32_t add_halves(uint32_t a, uint32_t b) {
    uint32_t low = H::store(H::load(uint16_t(a)) + H::load(uint16_t(b)));
    uint32_t high = H::store(H::load(uint16_t(a >> 16)) + H::load(uint16_t(b >> 16)));
    return high << 16 | low;
}

template <AtomicOp Op, Type T, class U> U updated(U old, U b, U c) {
    using S = std::make_signed_t<U>;
    if constexpr (Op == AtomicOp::Add) {
        if constexpr (T == Type::F32) return std::bit_cast<uint32_t>(std::bit_cast<float>(old) + std::bit_cast<float>(b));
        else if constexpr (T == Type::F64) return std::bit_cast<uint64_t>(std::bit_cast<double>(old) + std::bit_cast<double>(b));
        else if constexpr (T == Type::F16x2) return add_halves<F16>(old, b);
        else if constexpr (T == Type::BF16x2) return add_halves<BF16>(old, b);
        else if constexpr (T == Type::F16) return F16::store(F16::load(old) + F16::load(b));
        else if constexpr (T == Type::BF16) return BF16::store(BF16::load(old) + BF16::load(b));
        else return U(old + b);
    }
    if constexpr (Op == AtomicOp::Min) return is_signed(T) ? U(S(b) < S(old) ? b : old) : (b < old ? b : old);
    if constexpr (Op == AtomicOp::Max) return is_signed(T) ? U(S(b) > S(old) ? b : old) : (b > old ? b : old);
    if constexpr (Op == AtomicOp::And) return old & b;
    if constexpr (Op == AtomicOp::Or) return old | b;
    if constexpr (Op == AtomicOp::Xor) return old ^ b;
    if constexpr (Op == AtomicOp::Exchange) return b;
    if constexpr (Op == AtomicOp::CompareAndSwap) return old == b ? c : old;
    if constexpr (Op == AtomicOp::Inc) return old >= b ? 0 : old + 1;
    if constexpr (Op == AtomicOp::Dec) return old == 0 || old > b ? b : old - 1;
}

// operand: 0 address, 1 destination or none, 2 and 3 values
template <AtomicOp Op, Type T, class U, AccessSpace S> void atomic(Warp &w, const Instruction &in) {
    const U *b = lanes_at<U>(w, in.operand[2]);
    const U *c = Op == AtomicOp::CompareAndSwap ? lanes_at<U>(w, in.operand[3]) : b;
    U results[lanes];
    with_memory<S, Access::Atomic>(w, in, sizeof(U), [&](const Lanes &at, uint32_t exec) {
        for (int i = 0; i < lanes; i++) {
            if (!(exec >> i & 1)) continue;
            U *place = reinterpret_cast<U *>(at.host[i]);
            U old = __atomic_load_n(place, __ATOMIC_RELAXED), next;
            do next = updated<Op, T, U>(old, b[i], c[i]);
            while (!__atomic_compare_exchange_n(place, &old, next, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
            results[i] = old;
        }
        if (in.operand[1] == no_operand) return;
        U *d = lanes_at<U>(w, in.operand[1]);
        for (int i = 0; i < lanes; i++)
            if (exec >> i & 1) d[i] = results[i];
    });
}

template <AtomicOp Op, Type T, class U> void by_space(Warp &w, const Instruction &in) {
    if (in.space == AccessSpace::Global) atomic<Op, T, U, AccessSpace::Global>(w, in);
    else if (in.space == AccessSpace::Shared) atomic<Op, T, U, AccessSpace::Shared>(w, in);
    else atomic<Op, T, U, AccessSpace::Generic>(w, in);
}

template <Type T, class U> Handler whole_number(AtomicOp op) {
    switch (op) {
    case AtomicOp::Add: return by_space<AtomicOp::Add, T, U>;
    case AtomicOp::Min: return by_space<AtomicOp::Min, T, U>;
    case AtomicOp::Max: return by_space<AtomicOp::Max, T, U>;
    case AtomicOp::Inc: return T == Type::U32 ? by_space<AtomicOp::Inc, T, U> : nullptr;
    case AtomicOp::Dec: return T == Type::U32 ? by_space<AtomicOp::Dec, T, U> : nullptr;
    default: return nullptr;
    }
}
template <Type T, class U> Handler untyped(AtomicOp op) {
    switch (op) {
    case AtomicOp::And: return by_space<AtomicOp::And, T, U>;
    case AtomicOp::Or: return by_space<AtomicOp::Or, T, U>;
    case AtomicOp::Xor: return by_space<AtomicOp::Xor, T, U>;
    case AtomicOp::Exchange: return by_space<AtomicOp::Exchange, T, U>;
    case AtomicOp::CompareAndSwap: return by_space<AtomicOp::CompareAndSwap, T, U>;
    default: return nullptr;
    }
}

} // namespace

Handler atomic_handler(AtomicOp op, Type type) {
    switch (type) {
    case Type::U32: return whole_number<Type::U32, uint32_t>(op);
    case Type::S32: return whole_number<Type::S32, uint32_t>(op);
    case Type::U64: return whole_number<Type::U64, uint64_t>(op);
    case Type::S64: return whole_number<Type::S64, uint64_t>(op);
    case Type::B32: return untyped<Type::B32, uint32_t>(op);
    case Type::B64: return untyped<Type::B64, uint64_t>(op);
    case Type::B16: return op == AtomicOp::CompareAndSwap ? by_space<AtomicOp::CompareAndSwap, Type::B16, uint16_t> : nullptr;
    default: break;
    }
    if (op != AtomicOp::Add) return nullptr;
    switch (type) {
    case Type::F32: return by_space<AtomicOp::Add, Type::F32, uint32_t>;
    case Type::F64: return by_space<AtomicOp::Add, Type::F64, uint64_t>;
    case Type::F16x2: return by_space<AtomicOp::Add, Type::F16x2, uint32_t>;
    case Type::BF16x2: return by_space<AtomicOp::Add, Type::BF16x2, uint32_t>;
    case Type::F16: return by_space<AtomicOp::Add, Type::F16, uint16_t>;
    case Type::BF16: return by_space<AtomicOp::Add, Type::BF16, uint16_t>;
    default: return nullptr;
    }
}

} // namespace softgpu::SOFTGPU_ISA
