// Bit manipulation of 32-bit words: lop3, prmt, funnel shifts, byte dot products, bit masks.
#include "families.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

using Word = uint32_t;

template <class F> void ternary(Warp &w, const Instruction &in, F f) {
    map<Word>(w, in.operand[0], f, lanes_at<Word>(w, in.operand[1]), lanes_at<Word>(w, in.operand[2]), lanes_at<Word>(w, in.operand[3]));
}

// Bit 4a+2b+c of the table is the result for input bits a, b, c.
void lookup3(Warp &w, const Instruction &in) {
    Word t[8];
    for (int i = 0; i < 8; i++) t[i] = in.immediate >> i & 1 ? ~Word(0) : 0;
    auto f = [&t](Word a, Word b, Word c) {
        return (~a & ((~b & ((~c & t[0]) | (c & t[1]))) | (b & ((~c & t[2]) | (c & t[3]))))) |
               (a & ((~b & ((~c & t[4]) | (c & t[5]))) | (b & ((~c & t[6]) | (c & t[7])))));
    };
    ternary(w, in, f);
}
// lop3.BoolOp: also p = (result != 0) op q
void lookup3_with_predicate(Warp &w, const Instruction &in) {
    Word q = predicate(w, in.operand[5]) ^ (in.detail & 1 ? ~Word(0) : 0);
    Word saved[lanes];
    Word *d = lanes_at<Word>(w, in.operand[0]);
    lookup3(w, in);
    for (int i = 0; i < lanes; i++) saved[i] = d[i];
    Word nonzero = test([](Word x) { return x != 0; }, saved);
    set_predicate(w, in.operand[4], in.detail & 2 ? nonzero & q : nonzero | q);
}

Word permuted_byte(uint64_t bytes, uint32_t selector) {
    Word value = Word(bytes >> (8 * (selector & 7))) & 0xff;
    return selector & 8 ? (value & 0x80 ? 0xff : 0) : value;
}
Word permute(Word a, Word b, Word c, int mode) {
    uint64_t bytes = uint64_t(b) << 32 | a;
    Word s = c & 3, pick[4];
    for (Word i = 0; i < 4; i++) {
        switch (mode) {
        case 0: pick[i] = c >> (4 * i) & 15; break;
        case 1: pick[i] = s + i; break;                                   // forward 4 extract
        case 2: pick[i] = (s - i) & 7; break;                             // backward 4 extract
        case 3: pick[i] = s; break;                                       // replicate 8
        case 4: pick[i] = i > s ? i : s; break;                           // edge clamp left
        case 5: pick[i] = i < s ? i : s; break;                           // edge clamp right
        default: pick[i] = (s & 1) * 2 + (i & 1); break;                  // replicate 16
        }
    }
    Word result = 0;
    for (Word i = 0; i < 4; i++) result |= permuted_byte(bytes, pick[i]) << (8 * i);
    return result;
}
void permute_bytes(Warp &w, const Instruction &in) {
    int mode = in.mode;
    ternary(w, in, [mode](Word a, Word b, Word c) { return permute(a, b, c, mode); });
}

template <bool Left, bool Wrap> void funnel(Warp &w, const Instruction &in) {
    ternary(w, in, [](Word a, Word b, Word c) {
        Word n = Wrap ? c & 31 : (c < 32 ? c : 32);
        uint64_t both = uint64_t(b) << 32 | a;
        return Left ? Word((both << n) >> 32) : Word(both >> n);
    });
}

template <class A, class B> void dot4(Warp &w, const Instruction &in) {
    ternary(w, in, [](Word a, Word b, Word c) {
        Word sum = c;
        for (int i = 0; i < 4; i++) sum += Word(int32_t(A(a >> (8 * i))) * int32_t(B(b >> (8 * i))));
        return sum;
    });
}
template <class A, class A16, class B> void dot2(Warp &w, const Instruction &in) {
    int shift = in.mode ? 16 : 0; // .hi takes the upper two bytes of b
    ternary(w, in, [shift](Word a, Word b, Word c) {
        Word sum = c;
        for (int i = 0; i < 2; i++) sum += Word(int32_t(A16(a >> (16 * i)))) * Word(int32_t(B(b >> (shift + 8 * i))));
        return sum;
    });
}

template <bool Clamp> void bit_mask(Warp &w, const Instruction &in) {
    map<Word>(w, in.operand[0], [](Word a, Word b) {
        Word start = Clamp ? (a < 32 ? a : 32) : a & 31, length = Clamp ? (b < 32 ? b : 32) : b & 31;
        uint64_t ones = (uint64_t(1) << length) - 1;
        return Word(ones << start);
    }, lanes_at<Word>(w, in.operand[1]), lanes_at<Word>(w, in.operand[2]));
}

} // namespace

Handler bit_handler(BitOp op, Type a, Type b) {
    bool sa = is_signed(a), sb = is_signed(b);
    switch (op) {
    case BitOp::Lop3: return a == Type::Pred ? lookup3_with_predicate : lookup3;
    case BitOp::Prmt: return permute_bytes;
    case BitOp::ShfLeftWrap: return funnel<true, true>;
    case BitOp::ShfLeftClamp: return funnel<true, false>;
    case BitOp::ShfRightWrap: return funnel<false, true>;
    case BitOp::ShfRightClamp: return funnel<false, false>;
    case BitOp::Dp4a:
        return sa ? (sb ? dot4<int8_t, int8_t> : dot4<int8_t, uint8_t>) : (sb ? dot4<uint8_t, int8_t> : dot4<uint8_t, uint8_t>);
    case BitOp::Dp2a:
        return sa ? (sb ? dot2<int8_t, int16_t, int8_t> : dot2<int8_t, int16_t, uint8_t>)
                  : (sb ? dot2<uint8_t, uint16_t, int8_t> : dot2<uint8_t, uint16_t, uint8_t>);
    case BitOp::BmskWrap: return bit_mask<false>;
    case BitOp::BmskClamp: return bit_mask<true>;
    }
    return nullptr;
}

} // namespace softgpu::SOFTGPU_ISA
