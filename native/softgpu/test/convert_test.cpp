// cvt between integers and floats: ranges, roundings, saturation, registers wider than the type, packing by mov.
#include "snippet.h"

#include <cfenv>
#include <cmath>

using Lane = std::array<uint64_t, 4>;

namespace {

float f(uint64_t x) { return std::bit_cast<float>(static_cast<uint32_t>(x)); }
uint64_t bits(float x) { return std::bit_cast<uint32_t>(x); }

// Rounds as told, clamps to the range, NaN as the ISA says.
uint64_t to_integer(long double x, const char *mode, int width, bool is_signed, bool from_f64) {
    if (std::isnan(x)) return from_f64 || width == 64 ? 1ull << (width - 1) : 0;
    long double r = mode[1] == 'n' ? rintl(x) : mode[1] == 'z' ? truncl(x) : mode[1] == 'm' ? floorl(x) : ceill(x);
    long double high = is_signed ? ldexpl(1, width - 1) - 1 : ldexpl(1, width) - 1, low = is_signed ? -ldexpl(1, width - 1) : 0;
    r = r > high ? high : r < low ? low : r;
    uint64_t value = r < 0 ? static_cast<uint64_t>(static_cast<int64_t>(r)) : static_cast<uint64_t>(r);
    return width == 64 ? value : value & ((1ull << width) - 1);
}

} // namespace

TEST("float to integer rounds as told and clamps") {
    Inputs in = float_inputs(1);
    for (const char *mode : {"rni", "rzi", "rmi", "rpi"}) {
        std::string m = mode;
        instruction("cvt." + m + ".s32.f32 %r8, %f0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return to_integer(f(l[0]), mode, 32, true, false); }, same_bits);
        instruction("cvt." + m + ".u32.f32 %r8, %f0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return to_integer(f(l[0]), mode, 32, false, false); }, same_bits);
        instruction("cvt." + m + ".s64.f32 %d8, %f0; mov.b64 %d9, 0;", "d", in, [&](const Lane &l) { return to_integer(f(l[0]), mode, 64, true, false); }, same_bits);
        instruction("cvt." + m + ".u64.f32 %d8, %f0; mov.b64 %d9, 0;", "d", in, [&](const Lane &l) { return to_integer(f(l[0]), mode, 64, false, false); }, same_bits);
        instruction("cvt." + m + ".s16.f32 %h8, %f0; mov.b16 %h9, 0;", "h", in, [&](const Lane &l) { return to_integer(f(l[0]), mode, 16, true, false); }, same_bits);
        instruction("cvt." + m + ".f32.f32 %f8, %f0; mov.f32 %f9, 0f00000000;", "f", in, [&](const Lane &l) {
            float x = f(l[0]);
            return bits(mode[1] == 'n' ? std::rint(x) : mode[1] == 'z' ? std::trunc(x) : mode[1] == 'm' ? std::floor(x) : std::ceil(x));
        }, same_f32);
        instruction("cvt.f64.f32 %e1, %f0; cvt." + m + ".s32.f64 %r8, %e1; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return to_integer(f(l[0]), mode, 32, true, true); }, same_bits);
    }
}

TEST("integer to float in every rounding") {
    Inputs in = mixed_inputs(64, 2);
    struct Mode {
        const char *name;
        int host;
    };
    for (Mode m : {Mode{"rn", FE_TONEAREST}, {"rz", FE_TOWARDZERO}, {"rm", FE_DOWNWARD}, {"rp", FE_UPWARD}}) {
        auto rounded = [&](auto x) {
            std::fesetround(m.host);
            volatile auto source = x;
            volatile float result = static_cast<float>(source);
            std::fesetround(FE_TONEAREST);
            return bits(result);
        };
        std::string r = std::string("cvt.") + m.name, zero = " mov.f32 %f9, 0f00000000;";
        instruction(r + ".f32.s16 %f8, %h0;" + zero, "f", in, [&](const Lane &l) { return rounded(int16_t(l[0])); }, same_bits);
        instruction(r + ".f32.u16 %f8, %h0;" + zero, "f", in, [&](const Lane &l) { return rounded(uint16_t(l[0])); }, same_bits);
        instruction(r + ".f32.s32 %f8, %r0;" + zero, "f", in, [&](const Lane &l) { return rounded(int32_t(l[0])); }, same_bits);
        instruction(r + ".f32.u32 %f8, %r0;" + zero, "f", in, [&](const Lane &l) { return rounded(uint32_t(l[0])); }, same_bits);
        instruction(r + ".f32.s64 %f8, %d0;" + zero, "f", in, [&](const Lane &l) { return rounded(int64_t(l[0])); }, same_bits);
        instruction(r + ".f32.u64 %f8, %d0;" + zero, "f", in, [&](const Lane &l) { return rounded(uint64_t(l[0])); }, same_bits);
        instruction(r + ".f32.f64 %f8, %e0;" + zero, "f", in, [&](const Lane &l) { return rounded(std::bit_cast<double>(l[0])); }, same_f32);
    }
    instruction("cvt.rn.f64.s32 %e8, %r0; mov.f64 %e9, 0d0000000000000000;", "e", in, [](const Lane &l) { return std::bit_cast<uint64_t>(double(int32_t(l[0]))); }, same_bits);
}

TEST("integer to integer truncates, extends by the sign of the source, or saturates") {
    Inputs in = mixed_inputs(64, 3);
    instruction("cvt.s32.s8 %r8, %r0; cvt.u32.u8 %r9, %r0;", "r", in, [](const Lane &l) { return uint64_t(uint32_t(int32_t(int8_t(l[0])))); }, same_bits);
    instruction("cvt.s64.s32 %d8, %r0; mov.b64 %d9, 0;", "d", in, [](const Lane &l) { return uint64_t(int64_t(int32_t(l[0]))); }, same_bits);
    instruction("cvt.u32.u16 %r8, %h0; mov.b32 %r9, 0;", "r", in, [](const Lane &l) { return uint64_t(uint16_t(l[0])); }, same_bits);
    instruction("cvt.u64.u32 %d8, %r0; mov.b64 %d9, 0;", "d", in, [](const Lane &l) { return uint64_t(uint32_t(l[0])); }, same_bits);
    instruction("cvt.u16.u64 %h8, %d0; mov.b16 %h9, 0;", "h", in, [](const Lane &l) { return uint64_t(uint16_t(l[0])); }, same_bits);
    instruction("cvt.s16.s8 %h8, %h0; mov.b16 %h9, 0;", "h", in, [](const Lane &l) { return uint64_t(uint16_t(int16_t(int8_t(l[0])))); }, same_bits);
    // an 8-bit result in a wider register is extended by its own sign
    instruction("cvt.s8.s32 %r8, %r0; cvt.u8.u32 %r9, %r0;", "r", in, [](const Lane &l) { return uint64_t(uint32_t(int32_t(int8_t(l[0])))); }, same_bits);
    instruction("cvt.sat.s8.s32 %r8, %r0; mov.b32 %r9, 0;", "r", in, [](const Lane &l) {
        int32_t x = int32_t(l[0]);
        return uint64_t(uint32_t(x > 127 ? 127 : x < -128 ? -128 : x));
    }, same_bits);
    instruction("cvt.sat.u8.s32 %r8, %r0; mov.b32 %r9, 0;", "r", in, [](const Lane &l) {
        int32_t x = int32_t(l[0]);
        return uint64_t(x > 255 ? 255 : x < 0 ? 0 : x);
    }, same_bits);
    instruction("cvt.sat.u32.s64 %r8, %d0; mov.b32 %r9, 0;", "r", in, [](const Lane &l) {
        int64_t x = int64_t(l[0]);
        return uint64_t(x > 0xffffffffll ? 0xffffffffll : x < 0 ? 0 : x);
    }, same_bits);
    instruction("cvt.sat.s32.u32 %r8, %r0; mov.b32 %r9, 0;", "r", in, [](const Lane &l) { return std::min<uint64_t>(uint32_t(l[0]), 0x7fffffff); }, same_bits);
}

TEST("cvt.sat.f32 clamps and cvt.ftz flushes") {
    instruction("cvt.sat.f32.f32 %f8, %f0; mov.f32 %f9, 0f00000000;", "f", float_inputs(4), [](const Lane &l) {
        float x = f(l[0]);
        return bits(std::isnan(x) || x < 0 ? 0.0f : x > 1 ? 1.0f : x);
    }, [](uint64_t a, uint64_t b) { return f(a) == f(b); });
    Inputs tiny(32, Lane{0x80000001, 0, 0, 0});
    CHECK(run_snippet("cvt.ftz.f32.f32 %f8, %f0; mov.f32 %f9, %f0;", "f", tiny)[0][0] == 0x80000000);
    CHECK(run_snippet("cvt.rmi.ftz.s32.f32 %r8, %f0; cvt.rmi.s32.f32 %r9, %f0;", "r", tiny)[0] == (std::array<uint64_t, 2>{0, 0xffffffff}));
}

TEST("mov packs vectors into registers and unpacks them, lowest part first") {
    Inputs in = mixed_inputs(64, 5);
    instruction("mov.b32 {%h1, %h2}, %r0; mov.b32 %r8, {%h2, %h1}; mov.b32 %r9, 0;", "r", in, [](const Lane &l) { return uint64_t(uint32_t(l[0]) >> 16 | uint32_t(l[0]) << 16); }, same_bits);
    instruction("mov.b64 {%r1, %r2}, %d0; mov.b64 %d8, {%r2, %r1}; mov.b64 %d9, 0;", "d", in, [](const Lane &l) { return l[0] >> 32 | l[0] << 32; }, same_bits);
    instruction("mov.b64 {%h1, %h2, %h3, %h4}, %d0; mov.b64 %d8, {%h4, %h3, %h2, %h1}; mov.b64 %d9, 0;", "d", in, [](const Lane &l) {
        uint64_t d = 0;
        for (int i = 0; i < 4; i++) d |= (l[0] >> (16 * i) & 0xffff) << (16 * (3 - i));
        return d;
    }, same_bits);
    instruction("mov.b64 {_, %r8}, %d0; mov.b32 %r9, 0;", "r", in, [](const Lane &l) { return l[0] >> 32; }, same_bits);
}

int main() { return run_tests(); }
