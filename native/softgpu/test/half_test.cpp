// Half-precision numbers. Expected values are rounded here from exact integers: a half is a significand and an exponent.
#include "snippet.h"

#include <cmath>

using Lane = std::array<uint64_t, 4>;

namespace {

struct Format {
    const char *type;
    int fraction, bias, exponent_bits;
    uint16_t infinity() const { return static_cast<uint16_t>(((1 << exponent_bits) - 1) << fraction); }
    uint16_t nan() const { return 0x7fff; }
    double value(uint16_t h) const {
        int e = h >> fraction & ((1 << exponent_bits) - 1), m = h & ((1 << fraction) - 1);
        double x = e == (1 << exponent_bits) - 1 ? (m ? NAN : INFINITY) : std::ldexp(e ? (1 << fraction) + m : m, (e ? e : 1) - bias - fraction);
        return h >> 15 ? -x : x;
    }
    // Exact value `x` plus something smaller than any bit of it, of sign `rest`; rounded to nearest even, or in a direction.
    uint16_t round(long double x, int rest = 0, char mode = 'n') const {
        if (std::isnan(x)) return nan();
        bool minus = std::signbit(x);
        long double m = fabsl(x);
        if (minus) rest = -rest;
        uint16_t sign = minus ? 0x8000 : 0;
        if (std::isinf(m)) return sign | infinity();
        if (m == 0) return sign;
        int e;
        frexpl(m, &e);
        e = std::max(e - 1, 1 - bias);
        long double scaled = ldexpl(m, fraction - e), whole = floorl(scaled), part = scaled - whole;
        bool up, exact = part == 0 && rest == 0;
        if (part == 0 && rest < 0) whole -= 1, part = 1; // just below: part of the previous step
        if (mode == 'n') up = part > 0.5L || (part == 0.5L && (rest > 0 || (rest == 0 && fmodl(whole, 2) != 0)));
        else if (mode == 'z') up = false;
        else up = !exact && (mode == 'u') != minus;
        if (part == 1) up = mode == 'n' || up;
        long double result = ldexpl(whole + (up ? 1 : 0), e - fraction);
        long double largest = ldexpl(2 - ldexpl(1, -fraction), bias);
        if (result > largest) return sign | (mode == 'n' || (mode != 'z' && (mode == 'u') != minus) ? infinity() : infinity() - 1);
        int re;
        if (result == 0) return sign;
        frexpl(result, &re);
        re -= 1;
        if (re < 1 - bias) return sign | static_cast<uint16_t>(ldexpl(result, fraction - (1 - bias)));
        return sign | static_cast<uint16_t>(((re + bias) << fraction) + static_cast<int>(ldexpl(result, fraction - re)) - (1 << fraction));
    }
};
const Format f16{"f16", 10, 15, 5}, bf16{"bf16", 7, 127, 8};

Inputs half_inputs(uint64_t seed, const Format &f) {
    std::mt19937_64 random(seed);
    const uint16_t edges[] = {0, 0x8000, 1, 0x8001, 0x3c00, 0xbc00, 0x3f80, static_cast<uint16_t>(f.infinity()), static_cast<uint16_t>(f.infinity() - 1),
                              static_cast<uint16_t>(f.infinity() + 1), static_cast<uint16_t>(1 << f.fraction), static_cast<uint16_t>((1 << f.fraction) - 1), 0x7bff, 0xfbff};
    Inputs in(2048);
    for (auto &l : in)
        for (auto &x : l) {
            uint16_t low = random() % 5 == 0 ? edges[random() % std::size(edges)] : static_cast<uint16_t>(random());
            if (random() % 2) low = static_cast<uint16_t>((low & 0x83ff) | (f.bias + static_cast<int>(random() % 20) - 10) << f.fraction);
            x = low | (random() & 0xffff) << 16;
        }
    return in;
}
auto same_for(const Format &f) { return f.fraction == 10 ? same_f16 : same_bf16; }
double value(const Format &f, uint64_t x) { return f.value(static_cast<uint16_t>(x)); }

// The sum of two doubles and the sign of what it leaves out.
uint64_t sum(const Format &f, long double p, long double c) {
    long double s = p + c, t = s - p, error = (p - (s - t)) + (c - t);
    return f.round(s, error > 0 ? 1 : error < 0 ? -1 : 0);
}

} // namespace

TEST("f16 and bf16 add, sub, mul, fma are rounded once") {
    for (const Format &f : {f16, bf16}) {
        Inputs in = half_inputs(1, f);
        std::string t = f.type, zero = " mov.b16 %h9, 0;";
        instruction("add.rn." + t + " %h8, %h0, %h1;" + zero, "h", in, [&](const Lane &l) { return sum(f, value(f, l[0]), value(f, l[1])); }, same_for(f));
        instruction("sub.rn." + t + " %h8, %h0, %h1;" + zero, "h", in, [&](const Lane &l) { return sum(f, value(f, l[0]), -value(f, l[1])); }, same_for(f));
        instruction("mul.rn." + t + " %h8, %h0, %h1;" + zero, "h", in, [&](const Lane &l) { return uint64_t(f.round((long double)value(f, l[0]) * value(f, l[1]))); }, same_for(f));
        instruction("fma.rn." + t + " %h8, %h0, %h1, %h2;" + zero, "h", in,
                    [&](const Lane &l) { return sum(f, (long double)value(f, l[0]) * value(f, l[1]), value(f, l[2])); }, same_for(f));
    }
}

TEST("pairs of halves act on both halves alike") {
    for (const Format &f : {f16, bf16}) {
        Inputs in = half_inputs(2, f);
        std::string t = std::string(f.type) + "x2";
        for (const char *op : {"add.rn.", "mul.rn.", "min.", "max."}) {
            Outputs pairs = run_snippet(op + t + " %r8, %r0, %r1; mov.b32 %r9, 0;", "r", in);
            std::string one = op + std::string(f.type);
            std::string singles = "mov.b32 {%h4, %h5}, %r0; mov.b32 {%h6, %h7}, %r1; " + one + " %h8, %h4, %h6; " + one + " %h9, %h5, %h7;";
            Outputs halves = run_snippet(singles, "h", in);
            for (size_t i = 0; i < in.size(); i++)
                CHECK(same_for(f)(pairs[i][0] & 0xffff, halves[i][0]) && same_for(f)(pairs[i][0] >> 16, halves[i][1]), << op << t << " lane " << i);
        }
        Outputs fused = run_snippet("fma.rn." + t + " %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", in);
        for (size_t i = 0; i < in.size(); i++)
            for (int half = 0; half < 2; half++) {
                auto v = [&](int k) { return value(f, in[i][k] >> (16 * half)); };
                CHECK(same_for(f)(fused[i][0] >> (16 * half) & 0xffff, sum(f, (long double)v(0) * v(1), v(2))), << "lane " << i);
            }
    }
}

TEST("fma.relu, min, max, neg, abs of halves") {
    for (const Format &f : {f16, bf16}) {
        Inputs in = half_inputs(3, f);
        std::string t = f.type, zero = " mov.b16 %h9, 0;";
        instruction("fma.rn.relu." + t + " %h8, %h0, %h1, %h2;" + zero, "h", in, [&](const Lane &l) {
            uint64_t x = sum(f, (long double)value(f, l[0]) * value(f, l[1]), value(f, l[2]));
            return value(f, x) < 0 || x == 0x8000 ? 0 : x;
        }, same_for(f));
        instruction("neg." + t + " %h8, %h0;" + zero, "h", in, [](const Lane &l) { return (l[0] ^ 0x8000) & 0xffff; }, same_for(f));
        instruction("abs." + t + " %h8, %h0;" + zero, "h", in, [](const Lane &l) { return l[0] & 0x7fff; }, same_for(f));
        instruction("min." + t + " %h8, %h0, %h1;" + zero, "h", in, [&](const Lane &l) {
            double a = value(f, l[0]), b = value(f, l[1]);
            if (std::isnan(a)) return std::isnan(b) ? uint64_t(0x7fff) : l[1] & 0xffff;
            return (std::isnan(b) || a < b || (a == b && std::signbit(a)) ? l[0] : l[1]) & 0xffff;
        }, same_for(f));
        instruction("setp.lt." + t + " %p8, %h0, %h1; setp.neu." + t + " %p9, %h0, %h1;", "p", in, [&](const Lane &l) { return uint64_t(value(f, l[0]) < value(f, l[1])); }, same_bits);
    }
}

TEST("cvt between halves and f32 in every rounding") {
    for (const Format &f : {f16, bf16}) {
        Inputs in = float_inputs(4, 2048);
        std::mt19937_64 random(9);
        for (auto &l : in) // many values near halves and their midpoints
            if (random() % 2) l[0] = std::bit_cast<uint32_t>(float(std::ldexp(1.0 + double(random() % 4096) / 4096, int(random() % 40) - 26) * (random() % 2 ? 1 : -1)));
        std::string t = f.type;
        struct Mode {
            const char *name;
            char mode;
        };
        for (Mode m : {Mode{"rn", 'n'}, {"rz", 'z'}})
            instruction(std::string("cvt.") + m.name + "." + t + ".f32 %h8, %f0; mov.b16 %h9, 0;", "h", in,
                        [&](const Lane &l) { return uint64_t(f.round(std::bit_cast<float>(uint32_t(l[0])), 0, m.mode)); }, same_for(f));
        instruction("cvt.f32." + t + " %f8, %h0; mov.f32 %f9, 0f00000000;", "f", half_inputs(5, f),
                    [&](const Lane &l) { return uint64_t(std::bit_cast<uint32_t>(float(value(f, l[0])))); }, same_f32);
        instruction("cvt.rn." + t + "x2.f32 %r8, %f0, %f1; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) {
            return uint64_t(f.round(std::bit_cast<float>(uint32_t(l[0])))) << 16 | f.round(std::bit_cast<float>(uint32_t(l[1])));
        }, [&](uint64_t a, uint64_t b) { return same_for(f)(a & 0xffff, b & 0xffff) && same_for(f)(a >> 16, b >> 16); });
        instruction("cvt.rn.relu." + t + ".f32 %h8, %f0; mov.b16 %h9, 0;", "h", in, [&](const Lane &l) {
            uint64_t x = f.round(std::bit_cast<float>(uint32_t(l[0])));
            return value(f, x) <= 0 ? 0 : x;
        }, same_for(f));
    }
    instruction("cvt.rp.f16.f32 %h8, %f0; mov.b16 %h9, 0;", "h", float_inputs(6), [&](const Lane &l) { return uint64_t(f16.round(std::bit_cast<float>(uint32_t(l[0])), 0, 'u')); }, same_f16);
    instruction("cvt.rm.f16.f32 %h8, %f0; mov.b16 %h9, 0;", "h", float_inputs(7), [&](const Lane &l) { return uint64_t(f16.round(std::bit_cast<float>(uint32_t(l[0])), 0, 'd')); }, same_f16);
}

TEST("cvt from integers to halves and tf32") {
    Inputs in = mixed_inputs(32, 8);
    instruction("cvt.rn.f16.s32 %h8, %r0; mov.b16 %h9, 0;", "h", in, [](const Lane &l) { return uint64_t(f16.round(int32_t(l[0]))); }, same_f16);
    instruction("cvt.rn.f16.u16 %h8, %h0; mov.b16 %h9, 0;", "h", in, [](const Lane &l) { return uint64_t(f16.round(uint16_t(l[0]))); }, same_f16);
    instruction("cvt.rna.tf32.f32 %r8, %f0; mov.b32 %r9, 0;", "r", float_inputs(9), [](const Lane &l) {
        uint32_t x = uint32_t(l[0]);
        if ((x & 0x7f800000) == 0x7f800000) return x & 0x7fffff ? uint64_t(0x7fffffff) : uint64_t(x);
        uint32_t step = 1u << 13, down = x & ~(step - 1), rest = x & (step - 1); // magnitudes: ties away from zero
        return uint64_t(rest >= step / 2 ? down + step : down);
    }, same_bits);
}

int main() { return run_tests(); }
