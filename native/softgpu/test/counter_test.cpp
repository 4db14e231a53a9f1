// Counters of kernels whose accesses are known by construction, for one and for several host threads.
#include "device.h"

namespace {

int64_t counter(const char *path) { return softgpu_counter("k", path); }

// Each thread of a grid touches in + scale * thread with one access of `width` bytes.
std::string strided(const std::string &load, unsigned scale) {
    return header() + ".visible .entry k(.param .u64 in) {\n.reg .b64 %d<4>; .reg .b32 %r<12>; .reg .b16 %h<2>;\nld.param.u64 %d0, [in]; mov.u32 %r0, %tid.x; mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mad.lo.u32 %r3, %r1, %r2, %r0;\n"
                      "mul.wide.u32 %d1, %r3, " + std::to_string(scale) + "; add.u64 %d0, %d0, %d1;\n" + load + "\nret;\n}\n";
}

std::string shared_access(const std::string &access, unsigned scale) {
    return header() + ".shared .align 16 .b8 s[8192];\n.visible .entry k() {\n.reg .b32 %r<12>;\nmov.u32 %r0, %tid.x; mov.u32 %r1, s; mad.lo.u32 %r1, %r0, " + std::to_string(scale) + ", %r1;\n" + access + "\nret;\n}\n";
}

} // namespace

TEST("sectors of global requests: together, strided, scattered, vectors, misaligned to sectors") {
    struct Case {
        const char *load;
        unsigned scale;
        int64_t sectors, bytes;
    };
    const Case cases[] = {{"ld.global.u32 %r4, [%d0];", 4, 4, 128},          {"ld.global.u32 %r4, [%d0];", 8, 8, 128},   {"ld.global.u32 %r4, [%d0];", 128, 32, 128},
                          {"ld.global.v4.u32 {%r4, %r5, %r6, %r7}, [%d0];", 16, 16, 512}, {"ld.global.u8 %r4, [%d0];", 1, 1, 32},  {"ld.global.u32 %r4, [%d0+4];", 4, 5, 128},
                          {"ld.global.u32 %r4, [%d0];", 0, 1, 128}};
    for (const Case &c : cases)
        for (int threads : {1, 3}) {
            softgpu_set_threads(threads);
            Device device;
            CUdeviceptr in = device.put(std::vector<uint8_t>(1 << 16));
            CUfunction kernel = device.kernel(strided(c.load, c.scale));
            softgpu_reset_counters();
            OK(device.launch(kernel, 4, 64, 0, in));
            CHECK(counter("global_load.requests") == 8 && counter("global_load.sectors") == 8 * c.sectors && counter("global_load.bytes") == 8 * c.bytes,
                  << c.load << " by " << c.scale << ": " << counter("global_load.sectors") << " sectors");
        }
}

TEST("passes over the banks of shared memory") {
    struct Case {
        const char *access;
        unsigned scale;
        int64_t wavefronts, ideal;
    };
    const Case cases[] = {{"st.shared.u32 [%r1], %r0;", 4, 1, 1}, {"st.shared.u32 [%r1], %r0;", 8, 2, 1}, {"st.shared.u32 [%r1], %r0;", 128, 32, 1}, {"st.shared.u32 [%r1], %r0;", 132, 1, 1},
                          {"st.shared.u32 [%r1], %r0;", 0, 1, 1}, {"st.shared.v4.u32 [%r1], {%r0, %r0, %r0, %r0};", 16, 4, 4}, {"st.shared.v2.u32 [%r1], {%r0, %r0};", 8, 2, 2},
                          {"st.shared.v2.u32 [%r1], {%r0, %r0};", 128, 32, 2}};
    for (const Case &c : cases) {
        Device device;
        CUfunction kernel = device.kernel(shared_access(c.access, c.scale));
        softgpu_reset_counters();
        OK(device.launch(kernel, 1, 32, 0));
        CHECK(counter("shared_store.wavefronts") == c.wavefronts && counter("shared_store.ideal_wavefronts") == c.ideal,
              << c.access << " by " << c.scale << ": " << counter("shared_store.wavefronts") << " of " << counter("shared_store.ideal_wavefronts"));
    }
}

TEST("an access that its guard lets no lane make is issued, but is no request") {
    Device device;
    CUdeviceptr in = device.put(std::vector<uint8_t>(1 << 16));
    std::string loads = ".reg .pred %p; setp.lt.u32 %p, %r3, 40; @%p ld.global.u32 %r4, [%d0];";
    CUfunction kernel = device.kernel(strided(loads, 4));
    softgpu_reset_counters();
    OK(device.launch(kernel, 1, 128, 0, in)); // of 4 warps one makes it whole and one in part
    CHECK(counter("instructions.load_global") == 4 && counter("global_load.requests") == 2 && counter("global_load.lanes") == 40);
    CHECK(counter("global_load.bytes") == 160 && counter("global_load.sectors") == 5);
}

TEST("instructions by class, divergence, barriers, matrix products, lanes") {
    Device device;
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 out) {
    .reg .b64 %d<2>; .reg .b32 %r<12>; .reg .f32 %f<8>; .reg .pred %p<2>;
    ld.param.u64 %d0, [out];
    mov.u32 %r0, %tid.x;
    and.b32 %r1, %r0, 1;
    setp.eq.u32 %p0, %r1, 0;
    @%p0 bra EVEN;
    add.u32 %r2, %r0, 1;
EVEN:
    bar.sync 0;
    cvt.rn.f32.u32 %f0, %r0;
    fma.rn.f32 %f1, %f0, %f0, %f0;
    mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc {%r4, %r5, %r6, %r7}, {%r0, %r0, %r0, %r0}, {%r0, %r0}, {%r1, %r1, %r1, %r1};
    shfl.sync.bfly.b32 %r3, %r0, 1, 31, -1;
    red.global.add.u32 [%d0], 1;
    ret;
})";
    CUfunction kernel = device.kernel(ptx);
    CUdeviceptr out = device.put(std::vector<uint32_t>(1));
    for (int threads : {1, 4}) {
        softgpu_set_threads(threads);
        softgpu_reset_counters();
        for (int i = 0; i < 2; i++) OK(device.launch(kernel, 5, 64, 0, out));
        CHECK(counter("launches") == 2 && counter("blocks") == 10 && counter("threads") == 640);
        int64_t warps = 20;
        CHECK(counter("warp_instructions") == 13 * warps, << counter("warp_instructions"));
        CHECK(counter("lane_instructions") == (11 * 32 + 16 + 16) * warps, << counter("lane_instructions"));
        CHECK(counter("instructions.integer") == 2 * warps && counter("instructions.float") == warps && counter("instructions.conversion") == warps);
        CHECK(counter("instructions.matrix") == warps && counter("matrix.mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc") == warps);
        CHECK(counter("instructions.exchange") == warps && counter("barriers") == warps && counter("divergent_branches") == warps);
        CHECK(counter("instructions.atomic") == warps && counter("global_atomic.requests") == warps);
        CHECK(counter("nothing") == -1);
    }
    std::string profile(4096, '\0');
    CHECK(softgpu_profile("k", profile.data(), 4096) > 0 && profile.find("fma.rn.f32") != std::string::npos);
}

TEST("distinct bytes and traffic through the L2 do not depend on host threads") {
    Device device;
    // every block reads the same 4 KiB and writes its own 1 KiB
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 in, .param .u64 out) {
    .reg .b64 %d<6>; .reg .b32 %r<12>; .reg .pred %p;
    ld.param.u64 %d0, [in]; ld.param.u64 %d1, [out]; mov.u32 %r0, %tid.x; mov.u32 %r1, %ctaid.x; mov.u32 %r4, 0; mul.wide.u32 %d2, %r0, 4; add.u64 %d0, %d0, %d2;
    mad.lo.u32 %r2, %r1, 256, %r0; mul.wide.u32 %d3, %r2, 4; add.u64 %d1, %d1, %d3; mov.u32 %r5, 0;
LOOP: ld.global.u32 %r3, [%d0]; add.u32 %r4, %r4, %r3; add.u64 %d0, %d0, 1024; add.u32 %r5, %r5, 1; setp.lt.u32 %p, %r5, 4; @%p bra LOOP;
    st.global.u32 [%d1], %r4; ret;
})";
    CUfunction kernel = device.kernel(ptx);
    CUdeviceptr in = device.put(std::vector<uint32_t>(1024)), out = device.put(std::vector<uint32_t>(256 * 64));
    softgpu_set_counters(2);
    for (int threads : {1, 2, 5}) {
        softgpu_set_threads(threads);
        softgpu_reset_counters();
        OK(device.launch(kernel, 64, 256, 0, in, out));
        CHECK(counter("traffic.distinct_bytes_read") == 4096 && counter("traffic.distinct_bytes_written") == 65536);
        CHECK(counter("traffic.dram_bytes_read") == 4096 && counter("traffic.dram_bytes_written") == 65536);
        CHECK(counter("traffic.l2_sector_reads") == 64 * 128 && counter("traffic.l2_sector_writes") == 2048);
    }
    softgpu_set_counters(1);
}

TEST("a cache too small for what is read twice reads it twice from memory") {
    Device device; // sm_86: 6 MiB of L2
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 in) {
    .reg .b64 %d<6>; .reg .b32 %r<12>;
    ld.param.u64 %d0, [in]; mov.u32 %r0, %tid.x; mov.u32 %r1, %ctaid.x; rem.u32 %r1, %r1, 2048; mad.lo.u32 %r2, %r1, 256, %r0; mul.wide.u32 %d2, %r2, 16; add.u64 %d0, %d0, %d2; ld.global.v4.u32 {%r3, %r4, %r5, %r6}, [%d0]; ret;
})";
    CUfunction kernel = device.kernel(ptx);
    CUdeviceptr in = device.put(std::vector<uint32_t>(2048 * 1024));
    softgpu_set_counters(2);
    softgpu_reset_counters();
    OK(device.launch(kernel, 4096, 256, 0, in)); // 8 MiB, twice over
    CHECK(counter("traffic.distinct_bytes_read") == 8 << 20 && counter("traffic.dram_bytes_read") == 16 << 20, << counter("traffic.dram_bytes_read"));
    softgpu_set_counters(1);
}

int main() {
    setenv("LEANSPIKE_SOFTGPU_ARCH", "86", 1);
    return run_tests();
}
