// Integer instructions against the definitions of the PTX ISA, computed here with 128-bit numbers.
#include "snippet.h"

using Lane = std::array<uint64_t, 4>;
using Wide = __int128;

namespace {

int64_t extended(uint64_t x, int bits) { return static_cast<int64_t>(x << (64 - bits)) >> (64 - bits); }
uint64_t cut(Wide x, int bits) { return static_cast<uint64_t>(x) & (bits == 64 ? ~0ull : (1ull << bits) - 1); }

struct Kind {
    std::string type, reg;
    int bits;
    bool is_signed;
    Wide value(uint64_t x) const { return is_signed ? Wide(extended(x, bits)) : Wide(cut(x, bits)); }
};
const Kind kinds[] = {{"u16", "h", 16, false}, {"s16", "h", 16, true}, {"u32", "r", 32, false},
                      {"s32", "r", 32, true},  {"u64", "d", 64, false}, {"s64", "d", 64, true}};

std::string with(const std::string &op, const Kind &k, int operands, const std::string &to = "") {
    std::string r = "%" + k.reg, text = op + "." + k.type + " " + (to.empty() ? r + "8" : to);
    for (int i = 0; i < operands; i++) text += ", " + r + std::to_string(i);
    return text + "; mov.b" + (k.reg == "h" ? "16" : k.reg == "r" ? "32" : "64") + " " + r + "9, " + r + "0;";
}

template <class F> void binary(const char *op, F f) {
    for (const Kind &k : kinds) {
        Inputs in = mixed_inputs(k.bits, 7);
        if (std::string(op) == "div" || std::string(op) == "rem")
            for (Lane &lane : in) {
                if (cut(lane[1], k.bits) == 0) lane[1] = 3;
                if (k.is_signed && k.value(lane[1]) == -1) lane[1] = 5;
            }
        instruction(with(op, k, 2), k.reg, in, [&](const Lane &l) { return cut(f(k.value(l[0]), k.value(l[1]), k), k.bits); }, same_bits);
    }
}

} // namespace

TEST("add, sub, min, max, div, rem of every width") {
    binary("add", [](Wide a, Wide b, const Kind &) { return a + b; });
    binary("sub", [](Wide a, Wide b, const Kind &) { return a - b; });
    binary("min", [](Wide a, Wide b, const Kind &) { return a < b ? a : b; });
    binary("max", [](Wide a, Wide b, const Kind &) { return a > b ? a : b; });
    binary("div", [](Wide a, Wide b, const Kind &) { return a / b; });
    binary("rem", [](Wide a, Wide b, const Kind &) { return a % b; });
}

TEST("mul.lo and mul.hi are halves of the whole product") {
    binary("mul.lo", [](Wide a, Wide b, const Kind &) { return Wide(static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b)); });
    binary("mul.hi", [](Wide a, Wide b, const Kind &k) {
        if (k.bits == 64 && !k.is_signed) return Wide((static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b)) >> 64);
        return (a * b) >> k.bits;
    });
}

TEST("mul.wide and mad.wide give twice the width") {
    instruction("mul.wide.u32 %d8, %r0, %r1; mov.b64 %d9, 0;", "d", mixed_inputs(32, 1), [](const Lane &l) { return l[0] * l[1]; }, same_bits);
    instruction("mul.wide.s32 %d8, %r0, %r1; mov.b64 %d9, 0;", "d", mixed_inputs(32, 2),
                [](const Lane &l) { return uint64_t(extended(l[0], 32) * extended(l[1], 32)); }, same_bits);
    instruction("mad.wide.s32 %d8, %r0, %r1, %d2; mov.b64 %d9, 0;", "d", mixed_inputs(32, 3),
                [](const Lane &l) { return uint64_t(extended(l[0], 32) * extended(l[1], 32)) + l[2]; }, same_bits);
    instruction("mul.wide.u16 %r8, %h0, %h1; mov.b32 %r9, 0;", "r", mixed_inputs(16, 4), [](const Lane &l) { return l[0] * l[1]; }, same_bits);
    instruction("mul.wide.s16 %r8, %h0, %h1; mov.b32 %r9, 0;", "r", mixed_inputs(16, 5),
                [](const Lane &l) { return uint64_t(uint32_t(extended(l[0], 16) * extended(l[1], 16))); }, same_bits);
}

TEST("mad.lo, mad.hi, mad.hi.sat and saturating sums") {
    for (const Kind &k : kinds)
        instruction(with("mad.lo", k, 3), k.reg, mixed_inputs(k.bits, 8),
                    [&](const Lane &l) { return cut(Wide(static_cast<unsigned __int128>(l[0]) * l[1] + l[2]), k.bits); }, same_bits);
    instruction("mad.hi.s32 %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", mixed_inputs(32, 9),
                [](const Lane &l) { return cut(((Wide(extended(l[0], 32)) * extended(l[1], 32)) >> 32) + l[2], 32); }, same_bits);
    auto clamp = [](Wide x) { return cut(x > 0x7fffffff ? Wide(0x7fffffff) : x < -Wide(0x80000000ll) ? -Wide(0x80000000ll) : x, 32); };
    instruction("mad.hi.sat.s32 %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", mixed_inputs(32, 10), [&](const Lane &l) {
        return clamp(((Wide(extended(l[0], 32)) * extended(l[1], 32)) >> 32) + extended(l[2], 32));
    }, same_bits);
    instruction("add.sat.s32 %r8, %r0, %r1; mov.b32 %r9, 0;", "r", mixed_inputs(32, 11),
                [&](const Lane &l) { return clamp(Wide(extended(l[0], 32)) + extended(l[1], 32)); }, same_bits);
    instruction("sub.sat.s32 %r8, %r0, %r1; mov.b32 %r9, 0;", "r", mixed_inputs(32, 12),
                [&](const Lane &l) { return clamp(Wide(extended(l[0], 32)) - extended(l[1], 32)); }, same_bits);
}

TEST("abs, neg, sad") {
    for (const Kind &k : kinds) {
        if (k.is_signed) {
            instruction(with("abs", k, 1), k.reg, mixed_inputs(k.bits, 13),
                        [&](const Lane &l) { return cut(k.value(l[0]) < 0 ? -k.value(l[0]) : k.value(l[0]), k.bits); }, same_bits);
            instruction(with("neg", k, 1), k.reg, mixed_inputs(k.bits, 14), [&](const Lane &l) { return cut(-k.value(l[0]), k.bits); }, same_bits);
        }
        instruction(with("sad", k, 3), k.reg, mixed_inputs(k.bits, 15), [&](const Lane &l) {
            Wide a = k.value(l[0]), b = k.value(l[1]);
            return cut(Wide(l[2]) + (a < b ? b - a : a - b), k.bits);
        }, same_bits);
    }
}

TEST("add.cc, addc, sub.cc, subc carry through 128 bits") {
    Inputs in = mixed_inputs(64, 16);
    std::string add = "add.cc.u64 %d8, %d0, %d1; addc.u64 %d9, %d2, %d3;", sub = "sub.cc.u64 %d8, %d0, %d1; subc.u64 %d9, %d2, %d3;";
    Outputs sums = run_snippet(add, "d", in), differences = run_snippet(sub, "d", in);
    using U = unsigned __int128;
    for (size_t i = 0; i < in.size(); i++) {
        U a = U(in[i][2]) << 64 | in[i][0], b = U(in[i][3]) << 64 | in[i][1];
        CHECK((U(sums[i][1]) << 64 | sums[i][0]) == a + b, << "lane " << i);
        CHECK((U(differences[i][1]) << 64 | differences[i][0]) == a - b, << "lane " << i);
    }
    // 64 x 64 -> 128 by 32-bit pieces, as compilers write it
    std::string product = "mul.lo.u32 %r8, %r0, %r1; mad.hi.cc.u32 %r9, %r0, %r1, %r2; madc.hi.u32 %r9, %r0, 0, 0; mov.b32 %r9, %r9;";
    Outputs carries = run_snippet(product, "r", in);
    for (size_t i = 0; i < in.size(); i++) {
        uint64_t high = (uint64_t(uint32_t(in[i][0])) * uint32_t(in[i][1])) >> 32;
        CHECK(carries[i][1] == (high + uint32_t(in[i][2])) >> 32, << "lane " << i);
    }
}

TEST("shifts clamp their amount") {
    for (const Kind &k : kinds) {
        std::string b = "b" + std::to_string(k.bits), r = "%" + k.reg;
        Inputs in = mixed_inputs(k.bits, 17);
        for (size_t i = 0; i < in.size(); i++) in[i][1] = i % 3 ? i % 70 : 0xffffffff;
        auto amount = [](const Lane &l) { return uint64_t(uint32_t(l[1])); };
        instruction("shl." + b + " " + r + "8, " + r + "0, %r1; mov." + b + " " + r + "9, 0;", k.reg, in,
                    [&](const Lane &l) { return amount(l) >= uint64_t(k.bits) ? 0 : cut(Wide(l[0]) << amount(l), k.bits); }, same_bits);
        instruction("shr." + k.type + " " + r + "8, " + r + "0, %r1; mov." + b + " " + r + "9, 0;", k.reg, in,
                    [&](const Lane &l) { return cut(k.value(l[0]) >> std::min<uint64_t>(amount(l), 100), k.bits); }, same_bits);
    }
}

TEST("and, or, xor, not, cnot on every width") {
    for (auto [bits, registers] : {std::pair{16, "h"}, {32, "r"}, {64, "d"}}) {
        auto in = mixed_inputs(bits, 18);
        std::string type = ".b" + std::to_string(bits), r = std::string("%") + registers, pair = " " + r + "8, " + r + "0, " + r + "1;", one = " " + r + "8, " + r + "0;",
                    rest = " mov" + type + " " + r + "9, 0;";
        uint64_t mask = ~0ull >> (64 - bits);
        instruction("and" + type + pair + rest, registers, in, [](const Lane &l) { return l[0] & l[1]; }, same_bits);
        instruction("or" + type + pair + rest, registers, in, [](const Lane &l) { return l[0] | l[1]; }, same_bits);
        instruction("xor" + type + pair + rest, registers, in, [](const Lane &l) { return l[0] ^ l[1]; }, same_bits);
        instruction("not" + type + one + rest, registers, in, [&](const Lane &l) { return ~l[0] & mask; }, same_bits);
        instruction("cnot" + type + one + rest, registers, in, [](const Lane &l) { return uint64_t(l[0] == 0); }, same_bits);
    }
}

int main() { return run_tests(); }
