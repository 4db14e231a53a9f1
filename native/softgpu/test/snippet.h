// Runs a few PTX instructions on 32 lanes. Inputs of a lane are four 64-bit numbers: %d0…%d3, their low halves %r0…%r3 and %f0…%f3
// (f32), low 16 bits %h0…%h3; %e0…%e3 are the same as f64. The snippet leaves its results in %d8 and %d9, or in %r8, %r9, %f8, %h8, %e8
// as `result` says.
#pragma once

#include "device.h"

#include <array>
#include <bit>
#include <random>
#include <source_location>

using Inputs = std::vector<std::array<uint64_t, 4>>; // 32 lanes each
using Outputs = std::vector<std::array<uint64_t, 2>>;

inline std::string snippet_ptx(const std::string &body, const std::string &result, const char *target) {
    std::string ptx = header(target) +
                      ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
                      ".reg .b64 %d<24>;\n.reg .b32 %r<40>;\n.reg .f32 %f<40>;\n.reg .b16 %h<24>;\n.reg .f64 %e<16>;\n.reg .pred %p<12>;\n"
                      ".reg .b64 %a<4>;\n.reg .b32 %t<2>;\n"
                      "ld.param.u64 %a0, [in];\nld.param.u64 %a1, [out];\nmov.u32 %t0, %tid.x;\nmov.u32 %t1, %ctaid.x;\n"
                      "mad.lo.u32 %t0, %t1, 32, %t0;\nmul.wide.u32 %a2, %t0, 32;\nadd.u64 %a0, %a0, %a2;\n"
                      "mul.wide.u32 %a2, %t0, 16;\nadd.u64 %a1, %a1, %a2;\n";
    for (int i = 0; i < 4; i++) {
        std::string n = std::to_string(i);
        ptx += "ld.global.u64 %d" + n + ", [%a0+" + std::to_string(8 * i) + "];\ncvt.u32.u64 %r" + n + ", %d" + n + ";\nmov.b32 %f" + n +
               ", %r" + n + ";\ncvt.u16.u64 %h" + n + ", %d" + n + ";\nmov.b64 %e" + n + ", %d" + n + ";\n";
    }
    ptx += body + "\n";
    for (int i = 8; i < 10; i++) {
        std::string n = std::to_string(i);
        if (result == "r") ptx += "cvt.u64.u32 %d" + n + ", %r" + n + ";\n";
        if (result == "f") ptx += "mov.b32 %r" + n + ", %f" + n + ";\ncvt.u64.u32 %d" + n + ", %r" + n + ";\n";
        if (result == "h") ptx += "cvt.u64.u16 %d" + n + ", %h" + n + ";\n";
        if (result == "e") ptx += "mov.b64 %d" + n + ", %e" + n + ";\n";
        if (result == "p") ptx += "selp.u64 %d" + n + ", 1, 0, %p" + n + ";\n";
        ptx += "st.global.u64 [%a1+" + std::to_string(8 * (i - 8)) + "], %d" + n + ";\n";
    }
    return ptx + "ret;\n}\n";
}

inline Outputs run_snippet(const std::string &body, const std::string &result, const Inputs &inputs, const char *target = "sm_80") {
    static Device *device = new Device;
    cuCtxSetCurrent(device->context);
    CUfunction kernel = device->kernel(snippet_ptx(body, result, target));
    Outputs outputs(inputs.size());
    if (!kernel) return outputs;
    CUdeviceptr in = device->put(inputs), out = device->put(outputs);
    OK(device->launch(kernel, static_cast<unsigned>(inputs.size() / 32), 32, 0, in, out));
    outputs = device->get<std::array<uint64_t, 2>>(out, inputs.size());
    cuMemFree_v2(in);
    cuMemFree_v2(out);
    return outputs;
}

// Random numbers mixed with the values at which things go wrong.
inline Inputs mixed_inputs(int bits, uint64_t seed, size_t lanes = 256) {
    static const uint64_t edges[] = {0, 1, 2, 31, 32, 33, 63, 64, 65, 255, 0x7f, 0x80, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
                                     0xffffffff, 0x7fffffffffffffffull, 0x8000000000000000ull, ~0ull};
    std::mt19937_64 random(seed);
    uint64_t mask = bits == 64 ? ~0ull : (1ull << bits) - 1;
    Inputs inputs(lanes);
    for (auto &lane : inputs)
        for (auto &x : lane) x = (random() % 3 == 0 ? edges[random() % std::size(edges)] : random() >> (random() % 64)) & mask;
    return inputs;
}

// Floating-point inputs: ordinary, tiny, huge, special.
inline float mixed_float(std::mt19937_64 &random) {
    static const uint32_t edges[] = {0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 1, 0x80000001, 0x007fffff,
                                     0x00800000, 0x7f7fffff, 0x3f000000, 0x3fc00000, 0x40200000, 0x4f000000, 0x4effffff, 0xcf000000};
    switch (random() % 4) {
    case 0: return std::bit_cast<float>(edges[random() % std::size(edges)]);
    case 1: return std::bit_cast<float>(static_cast<uint32_t>(random()));
    default: return (static_cast<float>(random() >> 40) / 4096.0f - 2048.0f) / 8.0f;
    }
}
inline Inputs float_inputs(uint64_t seed, size_t lanes = 1024) {
    std::mt19937_64 random(seed);
    Inputs inputs(lanes);
    for (auto &lane : inputs)
        for (auto &x : lane) x = std::bit_cast<uint32_t>(mixed_float(random));
    return inputs;
}

// expected(lane inputs) against the first result; NaNs of any payload are equal where `same` says so.
template <class Expected> void compare(const char *file, int line, const std::string &body, const Inputs &inputs, const Outputs &outputs,
                                       Expected expected, const std::function<bool(uint64_t, uint64_t)> &same) {
    for (size_t i = 0; i < inputs.size(); i++) {
        uint64_t want = expected(inputs[i]);
        if (same(outputs[i][0], want)) continue;
        std::ostringstream text;
        text << std::hex << body << "  a=" << inputs[i][0] << " b=" << inputs[i][1] << " c=" << inputs[i][2] << " d=" << inputs[i][3]
             << "  got " << outputs[i][0] << ", want " << want;
        report(file, line, text.str());
        return;
    }
}
inline bool same_bits(uint64_t a, uint64_t b) { return a == b; }
inline bool same_f32(uint64_t a, uint64_t b) {
    float x = std::bit_cast<float>(static_cast<uint32_t>(a)), y = std::bit_cast<float>(static_cast<uint32_t>(b));
    return a == b || (x != x && y != y);
}
inline bool same_f64(uint64_t a, uint64_t b) {
    double x = std::bit_cast<double>(a), y = std::bit_cast<double>(b);
    return a == b || (x != x && y != y);
}
inline bool same_f16(uint64_t a, uint64_t b) { return a == b || ((a & 0x7fff) > 0x7c00 && (b & 0x7fff) > 0x7c00); }
inline bool same_bf16(uint64_t a, uint64_t b) { return a == b || ((a & 0x7fff) > 0x7f80 && (b & 0x7fff) > 0x7f80); }

template <class Expected>
void instruction(const std::string &body, const std::string &result, const Inputs &inputs, Expected expected,
                 const std::function<bool(uint64_t, uint64_t)> &same, std::source_location at = std::source_location::current()) {
    compare(at.file_name(), static_cast<int>(at.line()), body, inputs, run_snippet(body, result, inputs), expected, same);
}
