// ld, st, atomics, cp.async, state spaces and addresses, barriers.
#include "snippet.h"

using Lane = std::array<uint64_t, 4>;

TEST("vector loads and stores of every width, sign and zero extension") {
    Device device;
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 in, .param .u64 out) {
    .reg .b64 %d<8>; .reg .b32 %r<12>; .reg .b16 %h<8>;
    ld.param.u64 %d0, [in]; ld.param.u64 %d1, [out]; mov.u32 %r0, %tid.x; mul.wide.u32 %d2, %r0, 16; add.u64 %d0, %d0, %d2;
    mul.wide.u32 %d2, %r0, 64; add.u64 %d1, %d1, %d2;
    ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%d0]; st.global.v4.u32 [%d1], {%r4, %r3, %r2, %r1};
    ld.global.nc.v2.u64 {%d3, %d4}, [%d0]; st.global.cg.v2.b64 [%d1+16], {%d4, %d3};
    ld.global.v4.u8 {%h1, %h2, %h3, %h4}, [%d0]; st.global.v4.u8 [%d1+32], {%h4, %h3, %h2, %h1};
    ld.global.s8 %r5, [%d0+1]; ld.global.u8 %r6, [%d0+1]; st.global.v2.u32 [%d1+40], {%r5, %r6};
    ld.global.s16 %r7, [%d0+2]; ld.volatile.global.s32 %d5, [%d0+4]; st.global.u32 [%d1+48], %r7; st.global.u64 [%d1+56], %d5;
    st.global.u8 [%d1+36], %r1; st.global.u16 [%d1+38], %r2; ret;
})";
    std::mt19937 random(1);
    std::vector<uint32_t> in(128);
    for (uint32_t &x : in) x = uint32_t(random());
    CUdeviceptr pi = device.put(in), po = device.put(std::vector<uint8_t>(32 * 64));
    OK(device.launch(device.kernel(ptx), 1, 32, 0, pi, po));
    auto out = device.get<uint8_t>(po, 32 * 64);
    for (int lane = 0; lane < 32; lane++) {
        const uint8_t *o = &out[lane * 64];
        uint8_t bytes[16];
        std::memcpy(bytes, &in[lane * 4], 16);
        auto word = [&](int at) { uint32_t x; std::memcpy(&x, o + at, 4); return x; };
        for (int i = 0; i < 4; i++) CHECK(word(4 * i) == in[lane * 4 + 3 - i] && o[32 + i] == bytes[3 - i]);
        CHECK(word(16) == in[lane * 4 + 2] && word(28) == in[lane * 4 + 1]);
        CHECK(word(40) == uint32_t(int32_t(int8_t(bytes[1]))) && word(44) == bytes[1]);
        CHECK(word(48) == uint32_t(int32_t(int16_t(in[lane * 4] >> 16))));
        CHECK(word(56) == in[lane * 4 + 1] && word(60) == (in[lane * 4 + 1] >> 31 ? 0xffffffffu : 0));
        CHECK(o[36] == bytes[0] && word(36) >> 16 == (in[lane * 4 + 1] & 0xffff));
    }
}

TEST("atomics update in order of lanes and return the old value") {
    struct Case {
        const char *op;
        std::function<uint32_t(uint32_t, uint32_t)> f;
    };
    std::mt19937 random(2);
    std::vector<uint32_t> values(32);
    for (uint32_t &x : values) x = uint32_t(random());
    const Case cases[] = {{"add.u32", [](uint32_t a, uint32_t b) { return a + b; }}, {"min.s32", [](uint32_t a, uint32_t b) { return int32_t(b) < int32_t(a) ? b : a; }},
                          {"max.u32", [](uint32_t a, uint32_t b) { return std::max(a, b); }}, {"and.b32", [](uint32_t a, uint32_t b) { return a & b; }},
                          {"or.b32", [](uint32_t a, uint32_t b) { return a | b; }}, {"xor.b32", [](uint32_t a, uint32_t b) { return a ^ b; }},
                          {"exch.b32", [](uint32_t, uint32_t b) { return b; }}, {"inc.u32", [](uint32_t a, uint32_t b) { return a >= b ? 0 : a + 1; }},
                          {"dec.u32", [](uint32_t a, uint32_t b) { return a == 0 || a > b ? b : a - 1; }},
                          {"add.f32", [](uint32_t a, uint32_t b) { return std::bit_cast<uint32_t>(std::bit_cast<float>(a) + std::bit_cast<float>(b)); }}};
    for (const Case &c : cases)
        for (bool shared : {false, true}) {
            Device device;
            bool real = std::string(c.op) == "add.f32";
            std::vector<uint32_t> in = values;
            if (real)
                for (size_t i = 0; i < in.size(); i++) in[i] = std::bit_cast<uint32_t>(float(i) * 0.37f);
            std::string reg = real ? "%f" : "%r", load = real ? "f32" : "u32";
            std::string ptx = header() + ".visible .entry k(.param .u64 in, .param .u64 old, .param .u64 place) {\n.reg .b64 %d<8>; .reg .b32 %r<8>; .reg .f32 %f<8>; .reg .pred %p;\n" +
                              ".shared .align 4 .b32 cell;\nld.param.u64 %d0, [in]; ld.param.u64 %d1, [old]; ld.param.u64 %d2, [place];\n"
                              "mov.u32 %r0, %tid.x; mul.wide.u32 %d3, %r0, 4; add.u64 %d0, %d0, %d3; add.u64 %d1, %d1, %d3;\n"
                              "ld.global." + load + " " + reg + "1, [%d0];\n" +
                              (shared ? "ld.global.u32 %r5, [%d2]; st.shared.u32 [cell], %r5; bar.sync 0; atom.shared." + std::string(c.op) + " " + reg + "2, [cell], " + reg + "1; ld.shared.u32 %r5, [cell]; st.global.u32 [%d2], %r5;\n"
                                      : "atom.global." + std::string(c.op) + " " + reg + "2, [%d2], " + reg + "1;\n") +
                              "st.global." + load + " [%d1], " + reg + "2; ret;\n}\n";
            uint32_t state = 5;
            CUdeviceptr pi = device.put(in), po = device.put(std::vector<uint32_t>(32)), place = device.put(std::vector<uint32_t>{state});
            OK(device.launch(device.kernel(ptx), 1, 32, 0, pi, po, place));
            auto old = device.get<uint32_t>(po, 32);
            for (int i = 0; i < 32; i++) {
                CHECK(old[i] == state, << c.op << (shared ? " shared" : " global") << " lane " << i);
                state = c.f(state, in[i]);
            }
            CHECK(device.get<uint32_t>(place, 1)[0] == state, << c.op);
        }
}

TEST("atom.cas, 64-bit and pair atomics, red") {
    Device device;
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 place) {
    .reg .b64 %d<8>; .reg .b32 %r<8>;
    ld.param.u64 %d0, [place]; mov.u32 %r0, %tid.x; cvt.u64.u32 %d1, %r0;
    red.global.add.u64 [%d0], %d1; red.relaxed.gpu.global.max.s64 [%d0+8], %d1; atom.global.cas.b64 %d2, [%d0+16], %d1, 100;
    mov.u32 %r1, 0x3c004000; red.global.add.noftz.f16x2 [%d0+24], %r1; atom.global.cas.b32 %r2, [%d0+28], 7, 9;
    atom.global.add.u64 %d3, [%d0+32], %d1; red.global.max.u64 [%d0+40], %d3; ret;
})";
    CUdeviceptr place = device.put(std::vector<uint32_t>{0xffffffff, 1, 0xfffffff0, 0xffffffff, 17, 0, 0, 7, 0xffffffff, 1, 0, 0});
    OK(device.launch(device.kernel(ptx), 1, 32, 0, place));
    auto got = device.get<uint32_t>(place, 12);
    CHECK(got[0] == 496 - 1 && got[1] == 2, << "sum over the carry");
    CHECK(got[2] == 31 && got[3] == 0, << "signed maximum");
    CHECK(got[4] == 100 && got[7] == 9, << "compare and swap");
    CHECK(got[6] == 0x50005400, << std::hex << got[6]); // 32 times (1, 2) = (32, 64)
    CHECK(got[8] == 496 - 1 && got[9] == 2, << "sum over the carry, with what was there before");
    CHECK(got[10] == 465 - 1 && got[11] == 2, << "before the last lane's 31");
}

TEST("shared, local, const and generic addresses; static and dynamic shared memory") {
    Device device;
    std::string ptx = header() + R"(
.const .align 4 .u32 table[4] = {11, 22, 33, 44};
.extern .shared .align 16 .b8 dynamic[];
.visible .entry k(.param .u64 out) {
    .local .align 8 .b8 depot[64]; .shared .align 4 .b8 fixed[128];
    .reg .b64 %d<12>; .reg .b32 %r<12>; .reg .pred %p<6>;
    ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x; mul.wide.u32 %d1, %r0, 32; add.u64 %d0, %d0, %d1;
    mov.u64 %d2, depot; cvta.local.u64 %d3, %d2; st.local.u32 [%d2+8], %r0; ld.u32 %r1, [%d3+8]; st.global.u32 [%d0], %r1;
    shl.b32 %r2, %r0, 2; mov.u32 %r3, dynamic; add.u32 %r3, %r3, %r2; st.shared.u32 [%r3], %r0; bar.sync 0;
    mov.u32 %r4, dynamic; cvt.u64.u32 %d4, %r4; cvta.shared.u64 %d4, %d4; xor.b32 %r5, %r2, 124; cvt.u64.u32 %d5, %r5; add.u64 %d4, %d4, %d5; ld.u32 %r6, [%d4];
    st.global.u32 [%d0+4], %r6;
    and.b32 %r7, %r0, 3; mul.wide.u32 %d6, %r7, 4; mov.u64 %d7, table; add.u64 %d7, %d7, %d6; ld.const.u32 %r8, [%d7]; st.global.u32 [%d0+8], %r8;
    isspacep.shared %p0, %d4; isspacep.global %p1, %d4; isspacep.local %p2, %d3; isspacep.global %p3, %d0;
    selp.u32 %r9, 1, 0, %p0; @%p1 add.u32 %r9, %r9, 10; @%p2 add.u32 %r9, %r9, 100; @%p3 add.u32 %r9, %r9, 1000; st.global.u32 [%d0+12], %r9;
    mov.u32 %r10, fixed; add.u32 %r10, %r10, %r2; st.shared.u32 [%r10], 5; mov.u32 %r11, %dynamic_smem_size; st.global.u32 [%d0+16], %r11; ret;
})";
    CUdeviceptr out = device.put(std::vector<uint32_t>(32 * 8));
    CUfunction kernel = device.kernel(ptx);
    OK(device.launch(kernel, 1, 32, 128, out));
    auto got = device.get<uint32_t>(out, 256);
    uint32_t table[] = {11, 22, 33, 44};
    for (uint32_t i = 0; i < 32; i++) {
        const uint32_t *o = &got[i * 8];
        CHECK(o[0] == i && o[1] == (i ^ 31) && o[2] == table[i % 4] && o[3] == 1101 && o[4] == 128, << "lane " << i << " " << o[3]);
    }
    int bytes = 0;
    OK(cuFuncGetAttribute(&bytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, kernel));
    CHECK(bytes == 128);
    OK(cuFuncGetAttribute(&bytes, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, kernel));
    CHECK(bytes == 64);
    OK(cuFuncGetAttribute(&bytes, CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES, kernel));
    CHECK(bytes == 16);
}

TEST("module variables: initial values, addresses in initialisers, cuModuleGetGlobal") {
    Device device;
    CUmodule module = device.load(header() + ".visible .global .align 4 .f32 scale[3] = {1.5, 0f40000000, -2};\n.visible .global .align 8 .u64 link[2] = {0, generic(scale)+4};\n"
                                             ".visible .entry k(.param .u64 out) { .reg .b64 %d<4>; .reg .b32 %r; ld.param.u64 %d0, [out]; mov.u64 %d1, link; ld.global.u64 %d2, [%d1+8]; ld.u32 %r, [%d2]; st.global.u32 [%d0], %r; ret; }\n");
    CUdeviceptr scale;
    size_t bytes;
    OK(cuModuleGetGlobal_v2(&scale, &bytes, module, "scale"));
    CHECK(bytes == 12 && device.get<float>(scale, 3) == (std::vector<float>{1.5f, 2.0f, -2.0f}));
    CUfunction kernel;
    OK(cuModuleGetFunction(&kernel, module, "k"));
    CUdeviceptr out = device.put(std::vector<float>(1));
    OK(device.launch(kernel, 1, 1, 0, out));
    CHECK(device.get<float>(out, 1)[0] == 2.0f);
    CHECK(cuModuleGetGlobal_v2(&scale, &bytes, module, "nothing") == CUDA_ERROR_NOT_FOUND);
}

TEST("cp.async copies 4, 8 and 16 bytes, fills with zeros, and arrives with its group") {
    Device device;
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 in, .param .u64 out) {
    .shared .align 16 .b8 s[2048]; .reg .b64 %d<8>; .reg .b32 %r<16>;
    ld.param.u64 %d0, [in]; ld.param.u64 %d1, [out]; mov.u32 %r0, %tid.x; mul.wide.u32 %d2, %r0, 16; add.u64 %d0, %d0, %d2; mul.wide.u32 %d2, %r0, 32; add.u64 %d1, %d1, %d2;
    mov.u32 %r1, s; mad.lo.u32 %r1, %r0, 64, %r1;
    cp.async.cg.shared.global [%r1], [%d0], 16; cp.async.commit_group;
    cp.async.ca.shared.global [%r1+16], [%d0+4], 4; cp.async.ca.shared.global.L2::128B [%r1+24], [%d0+8], 8; cp.async.commit_group;
    mov.u32 %r9, 6; cp.async.ca.shared.global [%r1+32], [%d0], 16, %r9; cp.async.commit_group;
    cp.async.wait_group 2; ld.shared.v4.u32 {%r2, %r3, %r4, %r5}, [%r1];
    cp.async.wait_group 1; ld.shared.u32 %r6, [%r1+16]; ld.shared.u32 %r7, [%r1+28];
    cp.async.wait_all; ld.shared.v4.u32 {%r10, %r11, %r12, %r13}, [%r1+32];
    add.u32 %r2, %r2, %r3; add.u32 %r4, %r4, %r5; st.global.v4.u32 [%d1], {%r2, %r4, %r6, %r7}; st.global.v4.u32 [%d1+16], {%r10, %r11, %r12, %r13}; ret;
})";
    std::mt19937 random(4);
    std::vector<uint32_t> in(128);
    for (uint32_t &x : in) x = uint32_t(random());
    CUdeviceptr pi = device.put(in), po = device.put(std::vector<uint32_t>(256));
    OK(device.launch(device.kernel(ptx), 1, 32, 0, pi, po));
    auto out = device.get<uint32_t>(po, 256);
    for (int i = 0; i < 32; i++) {
        const uint32_t *a = &in[i * 4], *o = &out[i * 8];
        CHECK(o[0] == a[0] + a[1] && o[1] == a[2] + a[3] && o[2] == a[1] && o[3] == a[3], << "lane " << i);
        CHECK(o[4] == a[0] && o[5] == (a[1] & 0xffff) && o[6] == 0 && o[7] == 0, << "lane " << i);
    }
}

TEST("barriers: of the block, with numbers of threads, arrive and sync, reductions") {
    Device device;
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 out) {
    .shared .align 4 .b32 s[128]; .shared .align 4 .b32 t[64]; .reg .b64 %d<4>; .reg .b32 %r<12>; .reg .pred %p<8>;
    ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x; mul.wide.u32 %d1, %r0, 16; add.u64 %d0, %d0, %d1; shl.b32 %r1, %r0, 2;
    mov.u32 %r2, s; add.u32 %r3, %r2, %r1; st.shared.u32 [%r3], %r0; bar.sync 0; xor.b32 %r4, %r1, 508; add.u32 %r4, %r4, %r2; ld.shared.u32 %r5, [%r4]; st.global.u32 [%d0], %r5;
    setp.lt.u32 %p0, %r0, 70; bar.red.popc.u32 %r6, 0, %p0; st.global.u32 [%d0+4], %r6;
    setp.lt.u32 %p1, %r0, 128; bar.red.and.pred %p2, 0, %p1; bar.red.or.pred %p3, 0, !%p1; selp.u32 %r7, 1, 0, %p2; @%p3 add.u32 %r7, %r7, 10; st.global.u32 [%d0+8], %r7;
    setp.ge.u32 %p4, %r0, 64; @%p4 bra PRODUCE;
    bar.sync 1, 128; mov.u32 %r8, t; add.u32 %r8, %r8, %r1; ld.shared.u32 %r9, [%r8]; st.global.u32 [%d0+12], %r9; ret;
PRODUCE: mov.u32 %r8, t; add.u32 %r8, %r8, %r1; mul.lo.u32 %r10, %r0, 3; st.shared.u32 [%r8+-256], %r10; barrier.arrive 1, 128; ret;
})";
    CUdeviceptr out = device.put(std::vector<uint32_t>(512));
    OK(device.launch(device.kernel(ptx), 1, 128, 0, out));
    OK(cuCtxSynchronize());
    auto got = device.get<uint32_t>(out, 512);
    for (uint32_t i = 0; i < 128; i++) {
        CHECK(got[i * 4] == (i ^ 127) && got[i * 4 + 1] == 70 && got[i * 4 + 2] == 1, << "thread " << i);
        if (i < 64) CHECK(got[i * 4 + 3] == (i + 64) * 3, << "thread " << i);
    }
}

TEST("special registers in three dimensions") {
    Device device;
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 out) {
    .reg .b64 %d<4>; .reg .b32 %r<24>;
    ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x; mov.u32 %r1, %tid.y; mov.u32 %r2, %tid.z; mov.u32 %r3, %ntid.x; mov.u32 %r4, %ntid.y; mov.u32 %r5, %ntid.z;
    mad.lo.u32 %r6, %r2, %r4, %r1; mad.lo.u32 %r6, %r6, %r3, %r0; mov.u32 %r7, %ctaid.x; mov.u32 %r8, %ctaid.y; mov.u32 %r9, %ctaid.z; mov.u32 %r10, %nctaid.x; mov.u32 %r11, %nctaid.y;
    mad.lo.u32 %r12, %r9, %r11, %r8; mad.lo.u32 %r12, %r12, %r10, %r7; mul.lo.u32 %r13, %r3, %r4; mul.lo.u32 %r13, %r13, %r5; mad.lo.u32 %r14, %r12, %r13, %r6;
    mul.wide.u32 %d1, %r14, 8; add.u64 %d0, %d0, %d1; mov.u32 %r15, %laneid; mov.u32 %r16, %warpid; mad.lo.u32 %r17, %r16, 32, %r15; mov.u32 %r18, %lanemask_lt; st.global.v2.u32 [%d0], {%r17, %r18}; ret;
})";
    CUfunction kernel = device.kernel(ptx);
    constexpr uint32_t threads = 5 * 7 * 2, blocks = 2 * 3 * 2;
    CUdeviceptr out = device.put(std::vector<uint32_t>(threads * blocks * 2));
    void *parameters[] = {&out};
    OK(cuLaunchKernel(kernel, 2, 3, 2, 5, 7, 2, 0, nullptr, parameters, nullptr));
    auto got = device.get<uint32_t>(out, threads * blocks * 2);
    for (uint32_t i = 0; i < threads * blocks; i++) CHECK(got[2 * i] == i % threads && got[2 * i + 1] == (1u << (i % threads % 32)) - 1, << i);
}

int main() { return run_tests(); }
