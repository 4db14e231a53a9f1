// Deliberately broken kernels: each fault must give its result code, stay with the context, and name kernel, block, thread and line.
#include "device.h"

namespace {

// A kernel `broken` with its parameters and body; the faulty statement is marked //! at the end of its line.
struct Broken {
    std::string ptx;
    int line = 0;

    Broken(const std::string &parameters, const std::string &body, const std::string &before = "") {
        ptx = header() + before + ".visible .entry broken(" + parameters +
              ")\n{\n.reg .b64 %d<12>; .reg .b32 %r<16>; .reg .f32 %f<8>; .reg .pred %p<6>;\n" + body + "\nret;\n}\n";
        int n = 0;
        for (const std::string &text : read_lines(ptx))
            if (++n, text.find("//!") != std::string::npos) line = n;
    }
};

struct Shape {
    unsigned blocks = 1, threads = 32, shared = 0;
};

// Launches, and checks the result of the next call and the words that its text must contain.
void expect(Device &device, const Broken &broken, Shape shape, CUresult result, const std::vector<std::string> &words, std::vector<CUdeviceptr> arguments = {}) {
    CUfunction kernel = device.kernel(broken.ptx, "broken");
    if (!kernel) return;
    std::vector<void *> pointers;
    for (CUdeviceptr &a : arguments) pointers.push_back(&a);
    pointers.push_back(nullptr);
    OK(cuLaunchKernel(kernel, shape.blocks, 1, 1, shape.threads, 1, 1, shape.shared, nullptr, pointers.data(), nullptr));
    CUresult got = cuCtxSynchronize();
    std::string text = last_error();
    CHECK(got == result, << got << ": " << text);
    std::vector<std::string> all = words;
    all.insert(all.end(), {"kernel broken, block (", "), thread ("});
    all.push_back("PTX line " + std::to_string(broken.line) + ":");
    for (const std::string &word : all) CHECK(text.find(word) != std::string::npos, << "'" << word << "' is missing in: " << text);
    CUdeviceptr address;
    CHECK(cuMemAlloc_v2(&address, 16) == result, << "the fault must stay with the context");
}

const std::string out_parameter = ".param .u64 out";
const std::string load_out = "ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x; mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mad.lo.u32 %r3, %r1, %r2, %r0;\n";

} // namespace

TEST("a global store past the end of its allocation") {
    Device device;
    CUdeviceptr out = device.put(std::vector<uint32_t>(100));
    expect(device, {out_parameter, load_out + "mul.wide.u32 %d1, %r3, 4; add.u64 %d0, %d0, %d1;\nst.global.u32 [%d0], %r3; //!"}, {4, 32}, CUDA_ERROR_ILLEGAL_ADDRESS,
           {"block (3,0,0), thread (4,0,0)", "out-of-bounds global store of 4 bytes at 0x", "0 bytes past the allocation of 400 bytes at 0x"}, {out});
}

TEST("a vector load that begins inside and ends outside") {
    Device device;
    CUdeviceptr out = device.put(std::vector<uint32_t>(6));
    expect(device, {out_parameter, load_out + "ld.global.v4.u32 {%r4, %r5, %r6, %r7}, [%d0+16]; //!"}, {1, 1}, CUDA_ERROR_ILLEGAL_ADDRESS,
           {"block (0,0,0), thread (0,0,0)", "global load of 16 bytes", "8 bytes past the end of the allocation of 24 bytes"}, {out});
}

TEST("a shared load just below the first byte, by a 64-bit and by a 32-bit address") {
    const std::string before = ".shared .align 8 .b8 s[128];\n", store = "mad.wide.u32 %d1, %r0, 4, %d1; st.shared.u32 [%d1], %r0; bar.sync 0;\n";
    for (const char *load : {"mov.u64 %d3, s; ld.shared.u32 %r4, [%d3-4]; //!", "mov.u64 %d3, s; ld.shared.v2.u32 {%r4, %r5}, [%d3-8]; //!",
                             "mov.u32 %r6, s; ld.shared.u32 %r4, [%r6-4]; //!"}) {
        Device device;
        expect(device, {"", "mov.u32 %r0, %tid.x; mov.u64 %d1, s;\n" + store + load, before}, {1, 32}, CUDA_ERROR_ILLEGAL_ADDRESS,
               {"block (0,0,0), thread (0,0,0)", "out-of-bounds shared load", "128 bytes of shared memory"});
    }
}

TEST("a null pointer") {
    Device device;
    expect(device, {out_parameter, load_out + "ld.global.u32 %r4, [%d0]; //!"}, {1, 32}, CUDA_ERROR_ILLEGAL_ADDRESS, {"null pointer", "thread (0,0,0)"}, {0});
}

TEST("use after free") {
    Device device;
    CUdeviceptr out = device.put(std::vector<uint32_t>(64));
    OK(cuMemFree_v2(out));
    expect(device, {out_parameter, load_out + "red.global.add.u32 [%d0+8], 1; //!"}, {1, 1}, CUDA_ERROR_ILLEGAL_ADDRESS, {"already freed", "256 bytes", "atomic"}, {out});
}

TEST("an atomic on memory of another device is out of bounds") {
    int count = 0;
    OK(cuInit(0));
    OK(cuDeviceGetCount(&count));
    if (count < 2) return;
    Device other(1);
    CUdeviceptr foreign = other.put(std::vector<uint32_t>(4));
    Device device(0);
    expect(device, {out_parameter, load_out + "red.global.add.u32 [%d0], 1; //!"}, {1, 1}, CUDA_ERROR_ILLEGAL_ADDRESS, {"atomic"}, {foreign});
}

TEST("misaligned accesses, of scalars and of vectors") {
    {
        Device device;
        CUdeviceptr out = device.put(std::vector<uint32_t>(64));
        expect(device, {out_parameter, load_out + "cvt.u64.u32 %d1, %r0; add.u64 %d0, %d0, %d1;\nld.global.u32 %r4, [%d0]; //!"}, {1, 32}, CUDA_ERROR_MISALIGNED_ADDRESS,
               {"misaligned global load of 4 bytes", "thread (1,0,0)"}, {out});
    }
    Device device;
    CUdeviceptr out = device.put(std::vector<uint32_t>(64));
    expect(device, {out_parameter, load_out + "st.global.v4.u32 [%d0+8], {%r0, %r0, %r0, %r0}; //!"}, {1, 1}, CUDA_ERROR_MISALIGNED_ADDRESS, {"misaligned global store of 16 bytes"}, {out});
}

TEST("shared memory out of bounds and misaligned") {
    {
        Device device;
        expect(device, {"", "mov.u32 %r0, %tid.x; shl.b32 %r1, %r0, 2; mov.u32 %r2, s; add.u32 %r2, %r2, %r1;\nst.shared.u32 [%r2+4], %r0; //!", ".shared .align 4 .b8 s[128];\n"}, {1, 32},
               CUDA_ERROR_ILLEGAL_ADDRESS, {"out-of-bounds shared store of 4 bytes at offset 0x80", "128 bytes of shared memory", "thread (31,0,0)"});
    }
    Device device;
    expect(device, {"", "mov.u32 %r2, s;\nld.shared.v2.u32 {%r0, %r1}, [%r2+4]; //!", ".shared .align 8 .b8 s[128];\n"}, {1, 1}, CUDA_ERROR_MISALIGNED_ADDRESS, {"misaligned shared load of 8 bytes"});
}

TEST("dynamic shared memory smaller than what the kernel uses") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %tid.x; shl.b32 %r1, %r0, 2; mov.u32 %r2, s; add.u32 %r2, %r2, %r1;\nst.shared.u32 [%r2], %r0; //!", ".extern .shared .align 16 .b8 s[];\n"}, {1, 64, 128},
           CUDA_ERROR_ILLEGAL_ADDRESS, {"thread (32,0,0)", "shared store"});
}

TEST("local memory out of bounds") {
    Device device;
    expect(device, {"", ".local .align 4 .b8 depot[16];\nmov.u64 %d0, depot;\nst.local.u32 [%d0+64], 1; //!"}, {1, 1}, CUDA_ERROR_ILLEGAL_ADDRESS, {"local store"});
}

TEST("shared memory read before it is written") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %tid.x; setp.lt.u32 %p0, %r0, 10; shl.b32 %r1, %r0, 2; mov.u32 %r2, s; add.u32 %r2, %r2, %r1; @%p0 st.shared.u32 [%r2], %r0;\nld.shared.u32 %r3, [%r2]; //!",
                    ".shared .align 4 .b8 s[128];\n"}, {1, 32}, CUDA_ERROR_LAUNCH_FAILED, {"never wrote", "thread (10,0,0)", "shared load"});
}

TEST("bytes of shared memory are watched one by one where a kernel uses bytes") {
    Device device;
    expect(device, {"", "mov.u32 %r2, s; st.shared.u8 [%r2], %r2; st.shared.u8 [%r2+2], %r2;\nld.shared.u8 %r3, [%r2+1]; //!", ".shared .align 4 .b8 s[8];\n"}, {1, 1},
           CUDA_ERROR_LAUNCH_FAILED, {"never wrote", "offset 0x1"});
}

TEST("memory of one block is undefined again in the next") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %ctaid.x; setp.eq.u32 %p0, %r0, 0; mov.u32 %r2, s; @%p0 st.shared.u32 [%r2], %r0;\nld.shared.u32 %r3, [%r2]; //!", ".shared .align 4 .b8 s[8];\n"}, {2, 1},
           CUDA_ERROR_LAUNCH_FAILED, {"never wrote", "block (1,0,0)"});
}

TEST("races: write after write, read after write, write after read") {
    std::string place = "mov.u32 %r0, %tid.x; and.b32 %r1, %r0, 31; shl.b32 %r1, %r1, 2; mov.u32 %r2, s; add.u32 %r2, %r2, %r1;\n", memory = ".shared .align 4 .b8 s[256];\n";
    {
        Device device;
        expect(device, {"", place + "st.shared.u32 [%r2], %r0; //!", memory}, {1, 64}, CUDA_ERROR_LAUNCH_FAILED, {"shared-memory race", "thread (32,0,0)", "warp 0 wrote it"});
    }
    {
        Device device;
        expect(device, {"", place + "setp.lt.u32 %p0, %r0, 32; @%p0 st.shared.u32 [%r2], %r0;\n@!%p0 ld.shared.u32 %r3, [%r2]; //!", memory}, {1, 64}, CUDA_ERROR_LAUNCH_FAILED,
               {"shared-memory race", "thread (32,0,0)", "warp 0 wrote it at PTX line"});
    }
}

TEST("a race of a write with an earlier read") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %tid.x; shl.b32 %r1, %r0, 2; mov.u32 %r2, s; add.u32 %r3, %r2, %r1; st.shared.u32 [%r3], %r0; bar.sync 0;\n"
                        "setp.lt.u32 %p0, %r0, 32; @%p0 ld.shared.u32 %r5, [%r3+128];\n@!%p0 st.shared.u32 [%r3], %r0; //!", ".shared .align 4 .b8 s[256];\n"}, {1, 64},
           CUDA_ERROR_LAUNCH_FAILED, {"shared-memory race", "shared store", "warp 0 read it", "thread (32,0,0)"});
}

TEST("cp.async data read before it was waited for") {
    Device device;
    CUdeviceptr out = device.put(std::vector<uint32_t>(64));
    expect(device, {out_parameter, load_out + "mov.u32 %r4, s; cp.async.ca.shared.global [%r4], [%d0], 4; cp.async.commit_group;\nld.shared.u32 %r5, [%r4]; //!", ".shared .align 16 .b8 s[64];\n"}, {1, 1},
           CUDA_ERROR_LAUNCH_FAILED, {"cp.async", "not waited for"}, {out});
}

TEST("cp.async waited for by its own warp only") {
    Device device;
    CUdeviceptr out = device.put(std::vector<uint32_t>(64));
    expect(device, {out_parameter, load_out + "mov.u32 %r4, s; setp.lt.u32 %p0, %r0, 1; @%p0 cp.async.ca.shared.global [%r4], [%d0], 4; cp.async.wait_all;\nld.shared.u32 %r5, [%r4]; //!", ".shared .align 16 .b8 s[64];\n"}, {1, 64},
           CUDA_ERROR_LAUNCH_FAILED, {"shared-memory race", "thread (32,0,0)"}, {out});
}

TEST("cp.async from beyond an allocation") {
    Device device;
    CUdeviceptr out = device.put(std::vector<uint32_t>(4));
    expect(device, {out_parameter, load_out + "mov.u32 %r4, s;\ncp.async.cg.shared.global [%r4], [%d0+16], 16; //!", ".shared .align 16 .b8 s[64];\n"}, {1, 1}, CUDA_ERROR_ILLEGAL_ADDRESS, {"global cp.async"}, {out});
}

TEST("a barrier that part of a warp does not reach") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %tid.x; setp.lt.u32 %p0, %r0, 16; @%p0 bra SKIP;\nbar.sync 0; //!\nSKIP: mov.u32 %r1, 0;"}, {1, 32}, CUDA_ERROR_LAUNCH_FAILED, {"divergent barrier", "thread (0,0,0)"});
}

TEST("warps of a block at different barriers") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %tid.x; setp.lt.u32 %p0, %r0, 32; @%p0 bra LOW;\nbar.sync 0; //!\nret;\nLOW: bar.sync 0;"}, {1, 64}, CUDA_ERROR_LAUNCH_FAILED, {"divergent barrier", "other warps of the block wait at PTX line"});
}

TEST("a barrier that waits for more threads than arrive") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %tid.x; setp.ge.u32 %p0, %r0, 64; @%p0 ret;\nbar.sync 1, 96; //!"}, {1, 96}, CUDA_ERROR_LAUNCH_FAILED, {"barrier deadlock", "64 threads arrived at barrier 1 of 96"});
}

TEST("an exchange that waits for a lane which never comes") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %laneid; setp.lt.u32 %p0, %r0, 8; mov.u32 %r2, 0; @%p0 bra LOW;\nLOOP: bar.warp.sync 0xffffff00; bra.uni DONE;\nLOW:\nshfl.sync.idx.b32 %r1, %r0, 0, 31, -1; //!\nDONE: bar.warp.sync -1;"}, {1, 32},
           CUDA_ERROR_LAUNCH_FAILED, {"deadlock in the warp"});
}

TEST("an exchange by a lane outside its member mask") {
    Device device;
    expect(device, {"", "mov.u32 %r0, %laneid;\nshfl.sync.idx.b32 %r1, %r0, 0, 31, 0xffff; //!"}, {1, 32}, CUDA_ERROR_LAUNCH_FAILED, {"member mask", "thread (16,0,0)"});
}

TEST("a matrix instruction without a whole warp") {
    Device device;
    expect(device, {"", "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r0, %r1}, {%r2}, {%r3}, {%r0, %r1}; //!"}, {1, 16}, CUDA_ERROR_LAUNCH_FAILED, {"all 32 lanes"});
}

TEST("trap, and an assertion that fails") {
    {
        Device device;
        expect(device, {"", "mov.u32 %r0, %tid.x; setp.eq.u32 %p0, %r0, 7;\n@%p0 trap; //!"}, {1, 32}, CUDA_ERROR_LAUNCH_FAILED, {"trap", "thread (7,0,0)"});
    }
    Device device;
    std::string texts = ".extern .func __assertfail(.param .b64 a, .param .b64 b, .param .b32 c, .param .b64 d, .param .b64 e);\n.global .align 1 .b8 what[6] = {120, 32, 62, 32, 48, 0};\n.global .align 1 .b8 where[5] = {102, 46, 99, 117, 0};\n";
    expect(device, {"", "mov.u64 %d0, what; mov.u64 %d1, where; { .param .b64 a; st.param.b64 [a], %d0; .param .b64 b; st.param.b64 [b], %d1; .param .b32 c; st.param.b32 [c], 42; .param .b64 e; st.param.b64 [e], %d1; .param .b64 f; st.param.b64 [f], 1;\n"
                    "call.uni __assertfail, (a, b, c, e, f); //!\n}", texts}, {1, 1}, CUDA_ERROR_ASSERT, {"assertion 'x > 0' failed at f.cu:42"});
}

TEST("the first fault by block number is reported, whatever the number of host threads") {
    for (int threads : {1, 4}) {
        softgpu_set_threads(threads);
        Device device;
        expect(device, {"", "mov.u32 %r0, %ctaid.x; setp.ge.u32 %p0, %r0, 37;\n@%p0 trap; //!"}, {500, 32}, CUDA_ERROR_LAUNCH_FAILED, {"block (37,0,0), thread (0,0,0)"});
    }
}

TEST("a fault ends the context, not the device") {
    {
        Device device;
        CUfunction kernel = device.kernel(Broken("", "trap; //!").ptx, "broken");
        OK(device.launch(kernel, 1, 1, 0));
        CHECK(cuCtxSynchronize() == CUDA_ERROR_LAUNCH_FAILED);
        CHECK(cuCtxSynchronize() == CUDA_ERROR_LAUNCH_FAILED);
        CHECK(device.launch(kernel, 1, 1, 0) == CUDA_ERROR_LAUNCH_FAILED);
    }
    Device device;
    OK(cuCtxSynchronize());
}

int main() { return run_tests(); }
