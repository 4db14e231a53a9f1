// f32 and f64 arithmetic. Expected values come from the host's IEEE arithmetic, and from exact integer rounding for the directed modes.
#include "snippet.h"

#include <cfenv>
#include <cmath>

using Lane = std::array<uint64_t, 4>;

namespace {

float f(uint64_t x) { return std::bit_cast<float>(static_cast<uint32_t>(x)); }
double d(uint64_t x) { return std::bit_cast<double>(x); }
uint64_t bits(float x) { return std::bit_cast<uint32_t>(x); }
uint64_t bits(double x) { return std::bit_cast<uint64_t>(x); }

float flush(float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; }

Inputs double_inputs(uint64_t seed) {
    std::mt19937_64 random(seed);
    Inputs in(1024);
    for (auto &lane : in)
        for (auto &x : lane) x = random() % 4 == 0 ? random() : bits(double(mixed_float(random)) * (1 + double(random() % 1000) * 1e-9));
    return in;
}

// a op b rounded to f32 in a direction, from the exact value in long double where that is exact enough, else by the host's mode
template <class F> uint64_t under(int mode, F op) {
    std::fesetround(mode);
    volatile float result = op();
    std::fesetround(FE_TONEAREST);
    return bits(result);
}

std::string unary(const std::string &op) { return op + " %f8, %f0; mov.f32 %f9, 0f00000000;"; }
std::string binary(const std::string &op) { return op + " %f8, %f0, %f1; mov.f32 %f9, 0f00000000;"; }
std::string ternary(const std::string &op) { return op + " %f8, %f0, %f1, %f2; mov.f32 %f9, 0f00000000;"; }

bool near(uint64_t got, uint64_t want, double tolerance) {
    double a = f(got), b = f(want);
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return a == b || std::fabs(a - b) <= tolerance * std::max(std::fabs(b), 1e-37);
}

} // namespace

TEST("add, sub, mul, fma, div, sqrt, rcp round to nearest even") {
    Inputs in = float_inputs(1);
    for (const char *nearest : {"", ".rn"}) { // the default
        std::string type = std::string(nearest) + ".f32";
        instruction(binary("add" + type), "f", in, [](const Lane &l) { return bits(f(l[0]) + f(l[1])); }, same_f32);
        instruction(binary("sub" + type), "f", in, [](const Lane &l) { return bits(f(l[0]) - f(l[1])); }, same_f32);
        instruction(binary("mul" + type), "f", in, [](const Lane &l) { return bits(f(l[0]) * f(l[1])); }, same_f32);
    }
    instruction(ternary("fma.rn.f32"), "f", in, [](const Lane &l) { return bits(std::fma(f(l[0]), f(l[1]), f(l[2]))); }, same_f32);
    instruction(binary("div.rn.f32"), "f", in, [](const Lane &l) { return bits(f(l[0]) / f(l[1])); }, same_f32);
    instruction(unary("sqrt.rn.f32"), "f", in, [](const Lane &l) { return bits(std::sqrt(f(l[0]))); }, same_f32);
    instruction(unary("rcp.rn.f32"), "f", in, [](const Lane &l) { return bits(1.0f / f(l[0])); }, same_f32);
}

TEST("mul and add are not contracted into fma") {
    instruction("mul.f32 %f4, %f0, %f1; add.f32 %f8, %f4, %f2; mov.f32 %f9, 0f00000000;", "f", float_inputs(2), [](const Lane &l) {
        volatile float product = f(l[0]) * f(l[1]);
        return bits(product + f(l[2]));
    }, same_f32);
}

TEST("directed rounding of f32") {
    Inputs in = float_inputs(3);
    struct Mode {
        const char *name;
        int host;
    };
    for (Mode m : {Mode{"rz", FE_TOWARDZERO}, {"rm", FE_DOWNWARD}, {"rp", FE_UPWARD}}) {
        std::string r = m.name;
        instruction(binary("add." + r + ".f32"), "f", in, [&](const Lane &l) { volatile float a = f(l[0]), b = f(l[1]); return under(m.host, [&] { return a + b; }); }, same_f32);
        instruction(binary("mul." + r + ".f32"), "f", in, [&](const Lane &l) { volatile float a = f(l[0]), b = f(l[1]); return under(m.host, [&] { return a * b; }); }, same_f32);
        instruction(binary("div." + r + ".f32"), "f", in, [&](const Lane &l) { volatile float a = f(l[0]), b = f(l[1]); return under(m.host, [&] { return a / b; }); }, same_f32);
        instruction(ternary("fma." + r + ".f32"), "f", in, [&](const Lane &l) { return under(m.host, [&] { return std::fma(f(l[0]), f(l[1]), f(l[2])); }); }, same_f32);
        instruction(unary("sqrt." + r + ".f32"), "f", in, [&](const Lane &l) { volatile float a = f(l[0]); return under(m.host, [&] { return std::sqrt(a); }); }, same_f32);
    }
    // 1 + 2^-30 is not representable: known neighbours
    Inputs one(32, Lane{bits(1.0f), bits(std::ldexp(1.0f, -30)), 0, 0});
    CHECK(run_snippet(binary("add.rp.f32"), "f", one)[0][0] == 0x3f800001);
    CHECK(run_snippet(binary("add.rm.f32"), "f", one)[0][0] == 0x3f800000);
    CHECK(run_snippet(binary("sub.rz.f32"), "f", one)[0][0] == 0x3f7fffff);
    CHECK(run_snippet(binary("sub.rp.f32"), "f", one)[0][0] == 0x3f800000);
}

TEST("ftz flushes subnormal inputs and results, sat clamps to [0, 1]") {
    Inputs in = float_inputs(4);
    instruction(binary("add.ftz.f32"), "f", in, [](const Lane &l) { return bits(flush(flush(f(l[0])) + flush(f(l[1])))); }, same_f32);
    instruction(binary("mul.ftz.f32"), "f", in, [](const Lane &l) { return bits(flush(flush(f(l[0])) * flush(f(l[1])))); }, same_f32);
    instruction(binary("add.sat.f32"), "f", in, [](const Lane &l) {
        float x = f(l[0]) + f(l[1]);
        return bits(std::isnan(x) ? 0.0f : std::fmin(std::fmax(x, 0.0f), 1.0f));
    }, [](uint64_t a, uint64_t b) { return f(a) == f(b); });
}

TEST("min and max: a number wins over NaN, -0 is below +0, .NaN keeps NaN") {
    Inputs in = float_inputs(5);
    auto least = [](float a, float b) { return std::isnan(a) ? b : std::isnan(b) ? a : a == b ? (std::signbit(a) ? a : b) : std::min(a, b); };
    auto most = [](float a, float b) { return std::isnan(a) ? b : std::isnan(b) ? a : a == b ? (std::signbit(a) ? b : a) : std::max(a, b); };
    instruction(binary("min.f32"), "f", in, [&](const Lane &l) { return bits(least(f(l[0]), f(l[1]))); }, same_f32);
    instruction(binary("max.f32"), "f", in, [&](const Lane &l) { return bits(most(f(l[0]), f(l[1]))); }, same_f32);
    instruction(binary("max.NaN.f32"), "f", in, [&](const Lane &l) {
        float a = f(l[0]), b = f(l[1]);
        return std::isnan(a) || std::isnan(b) ? 0x7fffffffull : bits(most(a, b));
    }, same_bits);
    Inputs nan(32, Lane{0x7fc00001, 0xffc00000, 0, 0});
    CHECK(run_snippet(binary("min.f32"), "f", nan)[0][0] == 0x7fffffff);
    instruction(binary("min.xorsign.abs.f32"), "f", in, [&](const Lane &l) {
        float a = f(l[0]), b = f(l[1]), m = least(std::fabs(a), std::fabs(b));
        return bits(std::copysign(m, std::signbit(a) != std::signbit(b) ? -1.0f : 1.0f));
    }, same_f32);
}

TEST("abs, neg, copysign, testp") {
    Inputs in = float_inputs(6);
    instruction(unary("abs.f32"), "f", in, [](const Lane &l) { return l[0] & 0x7fffffff; }, same_bits);
    instruction(unary("neg.f32"), "f", in, [](const Lane &l) { return l[0] ^ 0x80000000; }, same_f32);
    instruction(binary("copysign.f32"), "f", in, [](const Lane &l) { return (l[1] & 0x7fffffff) | (l[0] & 0x80000000); }, same_bits);
    auto question = [&](const char *name, auto answer) {
        instruction(std::string("testp.") + name + ".f32 %p8, %f0; setp.eq.u32 %p9, 0, 1;", "p", in, [&](const Lane &l) { return uint64_t(answer(f(l[0]))); }, same_bits);
    };
    question("finite", [](float x) { return std::isfinite(x); });
    question("infinite", [](float x) { return std::isinf(x); });
    question("number", [](float x) { return !std::isnan(x); });
    question("notanumber", [](float x) { return std::isnan(x); });
    question("normal", [](float x) { return std::isnormal(x); });
    question("subnormal", [](float x) { return std::fpclassify(x) == FP_SUBNORMAL; });
}

TEST("approximations stay within the errors PTX states") {
    std::mt19937_64 random(7);
    Inputs in(1024);
    for (auto &l : in) l = {bits(float(random() % 100000) / 5000 - 10), bits(float(random() % 100000) / 100 + 0.01f), 0, 0};
    auto check = [&](const std::string &op, auto expected, double tolerance) {
        Outputs out = run_snippet(op, "f", in);
        for (size_t i = 0; i < in.size(); i++) CHECK(near(out[i][0], bits(float(expected(in[i]))), tolerance), << op << " of " << f(in[i][0]));
    };
    check(unary("ex2.approx.f32"), [](const Lane &l) { return std::exp2(double(f(l[0]))); }, 4e-7);
    check(unary("ex2.approx.ftz.f32"), [](const Lane &l) { return std::exp2(double(f(l[0]))); }, 4e-7);
    check(unary("tanh.approx.f32"), [](const Lane &l) { return std::tanh(double(f(l[0]))); }, 5e-4);
    check(unary("sin.approx.f32"), [](const Lane &l) { return std::sin(double(f(l[0]))); }, 1e-5);
    check(unary("cos.approx.f32"), [](const Lane &l) { return std::cos(double(f(l[0]))); }, 1e-5);
    std::string second = " %f8, %f1; mov.f32 %f9, 0f00000000;";
    check("lg2.approx.f32" + second, [](const Lane &l) { return std::log2(double(f(l[1]))); }, 1e-6);
    check("rsqrt.approx.f32" + second, [](const Lane &l) { return 1 / std::sqrt(double(f(l[1]))); }, 4e-7);
    check("rcp.approx.ftz.f32" + second, [](const Lane &l) { return 1 / double(f(l[1])); }, 2e-7);
    check("sqrt.approx.f32" + second, [](const Lane &l) { return std::sqrt(double(f(l[1]))); }, 4e-7);
    check(binary("div.full.f32"), [](const Lane &l) { return double(f(l[0])) / double(f(l[1])); }, 4e-7);
    check(binary("div.approx.f32"), [](const Lane &l) { return double(f(l[0])) / double(f(l[1])); }, 4e-7);
}

TEST("f64 arithmetic") {
    Inputs in = double_inputs(8);
    std::string zero = " mov.f64 %e9, 0d0000000000000000;";
    instruction("add.f64 %e8, %e0, %e1;" + zero, "e", in, [](const Lane &l) { return bits(d(l[0]) + d(l[1])); }, same_f64);
    instruction("mul.rn.f64 %e8, %e0, %e1;" + zero, "e", in, [](const Lane &l) { return bits(d(l[0]) * d(l[1])); }, same_f64);
    instruction("fma.rn.f64 %e8, %e0, %e1, %e2;" + zero, "e", in, [](const Lane &l) { return bits(std::fma(d(l[0]), d(l[1]), d(l[2]))); }, same_f64);
    instruction("div.rn.f64 %e8, %e0, %e1;" + zero, "e", in, [](const Lane &l) { return bits(d(l[0]) / d(l[1])); }, same_f64);
    instruction("sqrt.rn.f64 %e8, %e0;" + zero, "e", in, [](const Lane &l) { return bits(std::sqrt(d(l[0]))); }, same_f64);
    instruction("neg.f64 %e8, %e0;" + zero, "e", in, [](const Lane &l) { return bits(-d(l[0])); }, same_f64);
}

int main() { return run_tests(); }
