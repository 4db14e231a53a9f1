// Moves between registers: mov, selp, slct, packing of vectors into registers and back, logic on predicates.
#include "families.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

alignas(64) constexpr uint32_t lane_number[lanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                                                     16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

template <class T> void copy(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a) { return a; }, lanes_at<T>(w, in.operand[1]));
}

template <class T> void select(Warp &w, const Instruction &in) {
    uint32_t p = predicate(w, in.operand[3]) ^ (in.detail ? ~0u : 0);
    map<T>(w, in.operand[0], [p](uint32_t i, T a, T b) { return p >> i & 1 ? a : b; }, lane_number, lanes_at<T>(w, in.operand[1]),
           lanes_at<T>(w, in.operand[2]));
}

template <class T, class S> void select_by_sign(Warp &w, const Instruction &in) {
    map<T>(w, in.operand[0], [](T a, T b, S c) { return c >= 0 ? a : b; }, lanes_at<T>(w, in.operand[1]), lanes_at<T>(w, in.operand[2]),
           lanes_at<S>(w, in.operand[3]));
}

template <IntegerOp Op> void logic(Warp &w, const Instruction &in) {
    uint32_t a = predicate(w, in.operand[1]) ^ (in.detail & 1 ? ~0u : 0), b = 0;
    if constexpr (Op != IntegerOp::Not && Op != IntegerOp::Add) b = predicate(w, in.operand[2]) ^ (in.detail & 2 ? ~0u : 0);
    uint32_t result = a;
    if constexpr (Op == IntegerOp::And) result = a & b;
    if constexpr (Op == IntegerOp::Or) result = a | b;
    if constexpr (Op == IntegerOp::Xor) result = a ^ b;
    if constexpr (Op == IntegerOp::Not) result = ~a;
    set_predicate(w, in.operand[0], result);
}

// mov.b32 {a, b}, c and mov.b64 d, {a, b}: the first half of the pool's operands are destinations of `width` bytes each, laid
// end to end against sources of `register_width` bytes. A missing destination is skipped.
void pack(Warp &w, const Instruction &in) {
    const uint32_t *operands = w.pool + in.pool;
    uint32_t destinations = in.detail, sources = in.count - destinations;
    alignas(16) uint8_t value[lanes][16];
    for (uint32_t s = 0; s < sources; s++) {
        const uint8_t *from = lanes_at<uint8_t>(w, operands[destinations + s]);
        for (int i = 0; i < lanes; i++) __builtin_memcpy(value[i] + s * in.register_width, from + i * in.register_width, in.register_width);
    }
    for (uint32_t d = 0; d < destinations; d++) {
        if (operands[d] == no_operand) continue;
        uint8_t *to = lanes_at<uint8_t>(w, operands[d]);
        for (int i = 0; i < lanes; i++)
            if (w.exec >> i & 1) __builtin_memcpy(to + i * in.width, value[i] + d * in.width, in.width);
    }
}

} // namespace

Handler move_handler(uint32_t bytes) {
    switch (bytes) {
    case 1: return copy<uint8_t>;
    case 2: return copy<uint16_t>;
    case 4: return copy<uint32_t>;
    case 8: return copy<uint64_t>;
    default: return nullptr;
    }
}

Handler select_handler(uint32_t bytes) {
    switch (bytes) {
    case 2: return select<uint16_t>;
    case 4: return select<uint32_t>;
    case 8: return select<uint64_t>;
    default: return nullptr;
    }
}

Handler select_by_sign_handler(uint32_t bytes, Type sign) {
    bool f = sign == Type::F32;
    switch (bytes) {
    case 2: return f ? select_by_sign<uint16_t, float> : select_by_sign<uint16_t, int32_t>;
    case 4: return f ? select_by_sign<uint32_t, float> : select_by_sign<uint32_t, int32_t>;
    case 8: return f ? select_by_sign<uint64_t, float> : select_by_sign<uint64_t, int32_t>;
    default: return nullptr;
    }
}

Handler predicate_logic_handler(IntegerOp op) {
    switch (op) {
    case IntegerOp::And: return logic<IntegerOp::And>;
    case IntegerOp::Or: return logic<IntegerOp::Or>;
    case IntegerOp::Xor: return logic<IntegerOp::Xor>;
    case IntegerOp::Not: return logic<IntegerOp::Not>;
    case IntegerOp::Add: return logic<IntegerOp::Add>; // a plain copy
    default: return nullptr;
    }
}

Handler pack_handler() { return pack; }

} // namespace softgpu::SOFTGPU_ISA
