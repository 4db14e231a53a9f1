// Faults found only when asked for, and the watchdog: the environment is set before cuInit.
#include "device.h"

namespace {

CUresult run(Device &device, const std::string &body, unsigned threads, CUdeviceptr argument) {
    CUfunction kernel = device.kernel(header() + ".visible .entry k(.param .u64 a) {\n.reg .b64 %d<4>; .reg .b32 %r<4>; .reg .pred %p<2>;\nld.param.u64 %d0, [a];\n" + body + "\nret;\n}\n");
    return device.launch(kernel, 1, threads, 0, argument);
}

bool mentions(const char *word) { return last_error().find(word) != std::string::npos; }

} // namespace

TEST("a read of global memory that was never written") {
    {
        Device device;
        CUdeviceptr fresh;
        OK(cuMemAlloc_v2(&fresh, 64));
        OK(cuMemsetD8_v2(fresh, 1, 8));
        CHECK(run(device, "ld.global.u32 %r0, [%d0]; st.global.u32 [%d0+16], %r0; ld.global.u32 %r0, [%d0+16];", 1, fresh) == CUDA_SUCCESS, << last_error());
    }
    Device device;
    CUdeviceptr fresh;
    OK(cuMemAlloc_v2(&fresh, 64));
    CHECK(run(device, "ld.global.u32 %r0, [%d0+12];", 1, fresh) == CUDA_ERROR_LAUNCH_FAILED);
    CHECK(mentions("never written") && mentions("PTX line 7"), << last_error());
}

TEST("a loop without end") {
    Device device;
    CHECK(run(device, "LOOP: bra.uni LOOP;", 32, 0) == CUDA_ERROR_LAUNCH_TIMEOUT);
    CHECK(mentions("watchdog") && mentions("kernel k"), << last_error());
}

TEST("a warp that left before a barrier, when that is to be strict") {
    Device device;
    CHECK(run(device, "mov.u32 %r0, %tid.x; setp.ge.u32 %p0, %r0, 32; @%p0 ret;\nbar.sync 0;", 64, 0) == CUDA_ERROR_LAUNCH_FAILED);
    CHECK(mentions("left the kernel"), << last_error());
}

TEST("a faulty launch reports itself at once under CUDA_LAUNCH_BLOCKING") {
    Device device;
    CUfunction kernel = device.kernel(header() + ".visible .entry k() { trap; }\n");
    CHECK(device.launch(kernel, 1, 1, 0) == CUDA_ERROR_LAUNCH_FAILED);
}

TEST("memory has an end") {
    Device device;
    size_t free_bytes, total;
    OK(cuMemGetInfo_v2(&free_bytes, &total));
    CHECK(total == 1000000 && free_bytes == total);
    CUdeviceptr a, b;
    OK(cuMemAlloc_v2(&a, 600000));
    CHECK(cuMemAlloc_v2(&b, 600000) == CUDA_ERROR_OUT_OF_MEMORY);
    CHECK(mentions("400000 of 1000000 are free"), << last_error());
    OK(cuMemFree_v2(a));
    OK(cuMemAlloc_v2(&b, 600000));
}

int main() {
    setenv("LEANSPIKE_SOFTGPU_UNINITIALIZED", "1", 1);
    setenv("LEANSPIKE_SOFTGPU_WATCHDOG", "100000", 1);
    setenv("LEANSPIKE_SOFTGPU_STRICT_EXIT", "1", 1);
    setenv("LEANSPIKE_SOFTGPU_MEMORY", "1000000", 1);
    setenv("CUDA_LAUNCH_BLOCKING", "1", 1);
    return run_tests();
}
