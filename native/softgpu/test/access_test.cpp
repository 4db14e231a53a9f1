// Every type and vector through memory: global, shared, and a kernel's own parameters.
#include "device.h"

namespace {

struct Type {
    const char *name, *registers;
    unsigned bytes;
};
const Type types[] = {{"b8", "h", 1},  {"u8", "h", 1},  {"s8", "h", 1},  {"b16", "h", 2}, {"u16", "h", 2}, {"s16", "h", 2}, {"b32", "r", 4},
                      {"u32", "r", 4}, {"s32", "r", 4}, {"f32", "f", 4}, {"b64", "d", 8}, {"u64", "d", 8}, {"s64", "d", 8}, {"f64", "e", 8}};

const std::string registers = ".reg .b64 %d<8>, %a<4>; .reg .f64 %e<8>; .reg .b32 %r<8>, %t<4>; .reg .f32 %f<8>; .reg .b16 %h<8>;\n";

// "%r0", or "{%r0, %r1}" of two.
std::string place(const Type &type, unsigned count) {
    std::string list;
    for (unsigned i = 0; i < count; i++) list += (i ? ", %" : "%") + std::string(type.registers) + std::to_string(i);
    return count == 1 ? list : "{" + list + "}";
}

// Bytes that differ, lane by lane.
std::vector<uint8_t> pattern(size_t size) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; i++) bytes[i] = static_cast<uint8_t>(i * 37 + i / 256 * 11 + 5);
    return bytes;
}

} // namespace

TEST("every type and vector comes back from global and from shared memory as it went there") {
    for (const Type &type : types)
        for (unsigned count : {1u, 2u, 4u}) {
            unsigned bytes = type.bytes * count;
            if (bytes > 16) continue;
            Device device;
            std::string access = (count == 1 ? "." : ".v" + std::to_string(count) + ".") + std::string(type.name) + " ", at = place(type, count);
            CUfunction kernel = device.kernel(header() + ".shared .align 16 .b8 s[512];\n.visible .entry k(.param .u64 in, .param .u64 out) {\n" + registers +
                                              "ld.param.u64 %a0, [in]; ld.param.u64 %a1, [out]; cvta.to.global.u64 %a0, %a0; cvta.to.global.u64 %a1, %a1;\n"
                                              "mov.u32 %t0, %tid.x; mul.wide.u32 %a2, %t0, " + std::to_string(bytes) + "; add.u64 %a0, %a0, %a2; add.u64 %a1, %a1, %a2;\n"
                                              "mov.u32 %t1, s; mad.lo.u32 %t1, %t0, " + std::to_string(bytes) + ", %t1;\n"
                                              "ld.global" + access + at + ", [%a0];\nst.shared" + access + "[%t1], " + at + ";\nbar.sync 0;\n"
                                              "ld.shared" + access + at + ", [%t1];\nst.global" + access + "[%a1], " + at + ";\nret;\n}\n");
            std::vector<uint8_t> want = pattern(32 * bytes);
            CUdeviceptr in = device.put(want), out = device.put(std::vector<uint8_t>(want.size()));
            OK(device.launch(kernel, 1, 32, 0, in, out));
            CHECK(device.get<uint8_t>(out, want.size()) == want, << access);
        }
}

TEST("parameters of a kernel are read in every type and as vectors, from a structure too") {
    struct Given {
        uint8_t bytes[64];
    } given;
    std::vector<uint8_t> want = pattern(64);
    std::copy(want.begin(), want.end(), given.bytes);
    for (const Type &type : types)
        for (unsigned count : {1u, 2u, 4u}) {
            unsigned bytes = type.bytes * count;
            if (bytes > 16) continue;
            Device device;
            std::string access = (count == 1 ? "." : ".v" + std::to_string(count) + ".") + std::string(type.name) + " ", at = place(type, count);
            std::string body;
            for (unsigned from = 0; from < 64; from += bytes)
                body += "ld.param" + access + at + ", [p+" + std::to_string(from) + "];\nst.global" + access + "[%a1+" + std::to_string(from) + "], " + at + ";\n";
            CUfunction kernel = device.kernel(header() + ".visible .entry k(.param .align 16 .b8 p[64], .param .u64 out) {\n" + registers + "ld.param.u64 %a1, [out];\n" + body + "ret;\n}\n");
            CUdeviceptr out = device.put(std::vector<uint8_t>(64));
            OK(device.launch(kernel, 1, 1, 0, given, out));
            CHECK(device.get<uint8_t>(out, 64) == want, << access);
        }
}

TEST("a narrow parameter in a wider register is extended by its own sign") {
    Device device;
    CUfunction kernel = device.kernel(header() + ".visible .entry k(.param .u32 p, .param .u64 out) {\n" + registers +
                                      "ld.param.u64 %a1, [out]; ld.param.s32 %d0, [p]; ld.param.u32 %d1, [p]; st.global.v2.u64 [%a1], {%d0, %d1}; ret;\n}\n");
    CUdeviceptr out = device.put(std::vector<uint64_t>(2));
    OK(device.launch(kernel, 1, 1, 0, uint32_t(0x80000001), out));
    CHECK(device.get<uint64_t>(out, 2) == (std::vector<uint64_t>{0xffffffff80000001ull, 0x80000001ull}));
}

int main() { return run_tests(); }
