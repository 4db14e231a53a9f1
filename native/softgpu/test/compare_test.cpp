// setp, set, selp, slct: what is compared, how verdicts combine, and what they choose.
#include "snippet.h"

#include <cmath>

using Lane = std::array<uint64_t, 4>;

namespace {

float f(uint64_t x) { return std::bit_cast<float>(static_cast<uint32_t>(x)); }

// The registers and the meaning of a width; signed as a two's complement number.
struct Width {
    int bits;
    const char *registers;
    int64_t as_signed(uint64_t x) const { return static_cast<int64_t>(x << (64 - bits)) >> (64 - bits); }
    uint64_t as_unsigned(uint64_t x) const { return x << (64 - bits) >> (64 - bits); }
};
const Width widths[] = {{16, "h"}, {32, "r"}, {64, "d"}};

template <class T> bool holds(const std::string &comparison, T a, T b) {
    if (comparison == "eq") return a == b;
    if (comparison == "ne") return a != b;
    if (comparison == "lt" || comparison == "lo") return a < b;
    if (comparison == "le" || comparison == "ls") return a <= b;
    if (comparison == "gt" || comparison == "hi") return a > b;
    return a >= b; // ge, hs
}

} // namespace

TEST("setp on integers of every width: equality of bits, order of signed and of unsigned numbers") {
    for (const Width &w : widths) {
        Inputs in = mixed_inputs(64, 4);
        for (size_t i = 0; i < in.size(); i += 3) in[i][1] = in[i][0]; // or equal ones would be rare
        std::string a = std::string("%") + w.registers + "0", b = std::string("%") + w.registers + "1", bits = std::to_string(w.bits);
        auto check = [&](const std::string &comparison, const std::string &type, auto verdict) {
            instruction("setp." + comparison + "." + type + " %p8|%p9, " + a + ", " + b + ";", "p", in, [&](const Lane &l) { return uint64_t(verdict(l)); }, same_bits);
        };
        for (std::string comparison : {"eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs"}) {
            bool equality = comparison == "eq" || comparison == "ne", word = comparison[0] == 'h' || comparison == "lo" || comparison == "ls";
            auto in_unsigned = [&](const Lane &l) { return holds(comparison, w.as_unsigned(l[0]), w.as_unsigned(l[1])); };
            if (equality) check(comparison, "b" + bits, in_unsigned);
            check(comparison, "u" + bits, in_unsigned);
            if (!word) check(comparison, "s" + bits, [&](const Lane &l) { return holds(comparison, w.as_signed(l[0]), w.as_signed(l[1])); });
        }
    }
}

TEST("setp on floats: ordered comparisons are false for NaN, unordered ones true") {
    Inputs in = float_inputs(9);
    auto check = [&](const char *name, auto holds) {
        instruction(std::string("setp.") + name + ".f32 %p8|%p9, %f0, %f1;", "p", in, [&](const Lane &l) { return uint64_t(holds(f(l[0]), f(l[1]))); }, same_bits);
    };
    auto un = [](float a, float b) { return std::isunordered(a, b); };
    check("eq", [](float a, float b) { return a == b; });
    check("ne", [&](float a, float b) { return !un(a, b) && a != b; });
    check("lt", [](float a, float b) { return a < b; });
    check("le", [](float a, float b) { return a <= b; });
    check("gt", [](float a, float b) { return a > b; });
    check("ge", [](float a, float b) { return a >= b; });
    check("equ", [&](float a, float b) { return un(a, b) || a == b; });
    check("neu", [&](float a, float b) { return un(a, b) || a != b; });
    check("ltu", [&](float a, float b) { return un(a, b) || a < b; });
    check("leu", [&](float a, float b) { return un(a, b) || a <= b; });
    check("gtu", [&](float a, float b) { return un(a, b) || a > b; });
    check("geu", [&](float a, float b) { return un(a, b) || a >= b; });
    check("num", [&](float a, float b) { return !un(a, b); });
    check("nan", [&](float a, float b) { return un(a, b); });
}

TEST("setp combines with a predicate and its complement") {
    Inputs in = mixed_inputs(32, 10);
    struct Op {
        const char *name;
        bool (*f)(bool, bool);
    };
    for (Op op : {Op{"and", [](bool a, bool b) { return a && b; }}, {"or", [](bool a, bool b) { return a || b; }}, {"xor", [](bool a, bool b) { return a != b; }}}) {
        Outputs out = run_snippet(std::string("setp.lo.u32 %p1, %r2, %r3; setp.lt.") + op.name + ".s32 %p8|%p9, %r0, %r1, !%p1;", "p", in);
        for (size_t i = 0; i < in.size(); i++) {
            bool c = !(in[i][2] < in[i][3]), lt = int32_t(in[i][0]) < int32_t(in[i][1]);
            CHECK(out[i][0] == uint64_t(op.f(lt, c)) && out[i][1] == uint64_t(op.f(!lt, c)), << op.name << " lane " << i);
        }
    }
}

TEST("set gives all ones or 1.0 where the comparison holds, else 0") {
    Inputs whole = mixed_inputs(32, 10), real = float_inputs(11);
    std::string rest = " mov.b32 %r9, 0;", rest_f = " mov.f32 %f9, 0f00000000;";
    instruction("set.gt.u32.s32 %r8, %r0, %r1;" + rest, "r", whole, [](const Lane &l) { return int32_t(l[0]) > int32_t(l[1]) ? 0xffffffffull : 0; }, same_bits);
    instruction("set.gt.f32.s32 %f8, %r0, %r1;" + rest_f, "f", whole, [](const Lane &l) { return int32_t(l[0]) > int32_t(l[1]) ? 0x3f800000ull : 0; }, same_bits);
    instruction("set.ge.u32.f32 %r8, %f0, %f1;" + rest, "r", real, [](const Lane &l) { return f(l[0]) >= f(l[1]) ? 0xffffffffull : 0; }, same_bits);
    instruction("set.geu.u32.f32 %r8, %f0, %f1;" + rest, "r", real, [](const Lane &l) { return !(f(l[0]) < f(l[1])) ? 0xffffffffull : 0; }, same_bits);
}

TEST("selp chooses by a predicate, for registers of every type") {
    Inputs in = mixed_inputs(64, 12);
    struct Case {
        const char *type, *registers;
        uint64_t mask;
    };
    for (Case c : {Case{"b16", "h", 0xffff}, {"u16", "h", 0xffff}, {"s16", "h", 0xffff}, {"b32", "r", 0xffffffff}, {"u32", "r", 0xffffffff}, {"s32", "r", 0xffffffff},
                   {"f32", "f", 0xffffffff}, {"b64", "d", ~0ull}, {"u64", "d", ~0ull}, {"s64", "d", ~0ull}, {"f64", "e", ~0ull}}) {
        std::string r = std::string("%") + c.registers;
        instruction("setp.hs.u64 %p1, %d0, %d1; selp." + std::string(c.type) + " " + r + "8, " + r + "2, " + r + "3, %p1; mov.b" +
                        std::to_string(std::popcount(c.mask)) + " " + r + "9, " + r + "2;",
                    c.registers, in, [&](const Lane &l) { return (l[0] >= l[1] ? l[2] : l[3]) & c.mask; }, same_bits);
    }
}

TEST("slct chooses by a sign") {
    instruction("slct.b32.s32 %r8, %r1, %r2, %r0; mov.b32 %r9, 0;", "r", mixed_inputs(32, 13), [](const Lane &l) { return int32_t(l[0]) >= 0 ? l[1] : l[2]; }, same_bits);
}

int main() { return run_tests(); }
