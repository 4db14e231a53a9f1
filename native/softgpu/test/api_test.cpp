// The driver API: devices, contexts, modules, memory, streams, events.
#include "device.h"

#include <thread>

namespace {

const std::string double_ptx = header() + R"(
.visible .entry k(.param .u64 a, .param .u32 n) {
    .reg .b64 %d<4>; .reg .b32 %r<8>; .reg .pred %p;
    ld.param.u64 %d0, [a]; ld.param.u32 %r4, [n]; mov.u32 %r0, %tid.x; mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mad.lo.u32 %r3, %r1, %r2, %r0;
    setp.ge.u32 %p, %r3, %r4; @%p ret; mul.wide.u32 %d1, %r3, 4; add.u64 %d0, %d0, %d1; ld.global.u32 %r5, [%d0]; shl.b32 %r5, %r5, 1; st.global.u32 [%d0], %r5; ret;
})";

} // namespace

TEST("devices have names, limits and identities of their own") {
    OK(cuInit(0));
    int count, version;
    OK(cuDeviceGetCount(&count));
    OK(cuDriverGetVersion(&version));
    CHECK(count == 2 && version >= 12060);
    CUuuid first, second;
    for (int i = 0; i < count; i++) {
        char name[100];
        int major, minor, value;
        size_t bytes;
        OK(cuDeviceGetName(name, 100, i));
        CHECK(std::string(name).find("software GPU") != std::string::npos, << name);
        OK(cuDeviceComputeCapability(&major, &minor, i));
        CHECK(major == 9 && minor == 0);
        OK(cuDeviceGetAttribute(&value, 16, i));
        CHECK(value == 132);
        OK(cuDeviceGetAttribute(&value, 97, i));
        CHECK(value == 227 << 10);
        OK(cuDeviceGetAttribute(&value, 10, i));
        CHECK(value == 32);
        OK(cuDeviceTotalMem_v2(&bytes, i));
        CHECK(bytes == size_t(8) << 30);
        OK(cuDeviceGetUuid(i ? &second : &first, i));
    }
    CHECK(std::memcmp(&first, &second, 16) != 0);
    CHECK(cuDeviceGetName(nullptr, 0, 0) == CUDA_ERROR_INVALID_VALUE);
    CUdevice device;
    CHECK(cuDeviceGet(&device, 2) == CUDA_ERROR_INVALID_DEVICE);
}

TEST("contexts: stack of the thread, primary context, nothing current") {
    CUcontext current = nullptr, primary, other, popped;
    OK(cuCtxGetCurrent(&current));
    CHECK(current == nullptr);
    CUdeviceptr address;
    CHECK(cuMemAlloc_v2(&address, 16) == CUDA_ERROR_INVALID_CONTEXT);
    OK(cuDevicePrimaryCtxRetain(&primary, 0));
    OK(cuCtxSetCurrent(primary));
    OK(cuCtxCreate_v2(&other, 0, 1));
    CUdevice device;
    OK(cuCtxGetDevice(&device));
    CHECK(device == 1);
    OK(cuCtxPopCurrent_v2(&popped));
    CHECK(popped == other);
    OK(cuCtxGetCurrent(&current));
    CHECK(current == primary);
    std::thread([&] {
        CUcontext inside = primary;
        OK(cuCtxGetCurrent(&inside));
        CHECK(inside == nullptr);
    }).join();
    unsigned flags;
    int active;
    OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
    CHECK(active == 1);
    OK(cuDevicePrimaryCtxRelease_v2(0));
    OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
    CHECK(active == 0);
    CHECK(cuCtxSynchronize() == CUDA_ERROR_CONTEXT_IS_DESTROYED);
    OK(cuCtxSetCurrent(nullptr));
    OK(cuCtxDestroy_v2(other));
    CHECK(cuCtxPushCurrent_v2(other) == CUDA_ERROR_INVALID_CONTEXT);
}

TEST("memory of two devices is apart, copies between them go through cuMemcpyPeer") {
    Device first(0);
    CUdeviceptr a = first.put(std::vector<uint32_t>{1, 2, 3, 4});
    Device second(1);
    CUdeviceptr b = second.put(std::vector<uint32_t>(4));
    CHECK(cuMemcpyDtoD_v2(b, a, 16) == CUDA_ERROR_INVALID_VALUE);
    OK(cuMemcpyPeer(b, second.context, a, first.context, 16));
    CHECK(second.get<uint32_t>(b, 4) == (std::vector<uint32_t>{1, 2, 3, 4}));
}

TEST("copies and fills of every kind, and ranges that do not fit") {
    Device device;
    CUdeviceptr a, b;
    OK(cuMemAlloc_v2(&a, 256));
    OK(cuMemAlloc_v2(&b, 256));
    OK(cuMemsetD32_v2(a, 0x01020304, 64));
    OK(cuMemsetD16_v2(a + 4, 0xbeef, 2));
    OK(cuMemsetD8_v2(a + 8, 7, 3));
    OK(cuMemcpyDtoD_v2(b, a, 256));
    auto got = device.get<uint32_t>(b, 64);
    CHECK(got[0] == 0x01020304 && got[1] == 0xbeefbeef && got[2] == 0x01070707 && got[63] == 0x01020304);
    CHECK(cuMemsetD8_v2(a, 0, 257) == CUDA_ERROR_INVALID_VALUE);
    CHECK(cuMemcpyHtoD_v2(a + 250, got.data(), 16) == CUDA_ERROR_INVALID_VALUE);
    CHECK(last_error().find("does not lie in one allocation") != std::string::npos, << last_error());
    CHECK(cuMemcpyDtoH_v2(nullptr, a, 16) == CUDA_ERROR_INVALID_VALUE);
    std::vector<uint8_t> rows(6 * 10);
    for (size_t i = 0; i < rows.size(); i++) rows[i] = static_cast<uint8_t>(i);
    CUDA_MEMCPY2D copy{};
    copy.srcMemoryType = CU_MEMORYTYPE_HOST;
    copy.srcHost = rows.data();
    copy.srcPitch = 10;
    copy.srcXInBytes = 2;
    copy.srcY = 1;
    copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
    copy.dstDevice = a;
    copy.dstPitch = 16;
    copy.WidthInBytes = 5;
    copy.Height = 3;
    OK(cuMemcpy2D_v2(&copy));
    auto bytes = device.get<uint8_t>(a, 64);
    CHECK(bytes[0] == 12 && bytes[4] == 16 && bytes[16] == 22 && bytes[36] == 36);
    CUdeviceptr base;
    size_t size;
    OK(cuMemGetAddressRange_v2(&base, &size, a + 100));
    CHECK(base == a && size == 256);
    CHECK(cuMemGetAddressRange_v2(&base, &size, 12345) == CUDA_ERROR_NOT_FOUND);
}

TEST("pinned, registered and managed memory can be reached by kernels and by the host") {
    Device device;
    CUfunction kernel = device.kernel(double_ptx);
    void *pinned;
    OK(cuMemHostAlloc(&pinned, 64, 0));
    CUdeviceptr address;
    OK(cuMemHostGetDevicePointer_v2(&address, pinned, 0));
    static_cast<uint32_t *>(pinned)[3] = 21;
    OK(device.launch(kernel, 1, 32, 0, address, 16u));
    OK(cuCtxSynchronize());
    CHECK(static_cast<uint32_t *>(pinned)[3] == 42);
    unsigned type;
    OK(cuPointerGetAttribute(&type, 2, address));
    CHECK(type == CU_MEMORYTYPE_HOST);
    OK(cuMemFreeHost(pinned));
    std::vector<uint32_t> plain(16, 5);
    OK(cuMemHostRegister_v2(plain.data(), 64, 0));
    CHECK(cuMemHostRegister_v2(plain.data(), 64, 0) == CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
    OK(cuMemHostGetDevicePointer_v2(&address, plain.data(), 0));
    OK(device.launch(kernel, 1, 32, 0, address, 16u));
    CHECK(plain[15] == 10);
    OK(cuMemHostUnregister(plain.data()));
    CHECK(cuMemHostUnregister(plain.data()) == CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
    CUdeviceptr managed;
    OK(cuMemAllocManaged(&managed, 64, 1));
    reinterpret_cast<uint32_t *>(managed)[0] = 8;
    OK(device.launch(kernel, 1, 32, 0, managed, 16u));
    OK(cuCtxSynchronize());
    CHECK(reinterpret_cast<uint32_t *>(managed)[0] == 16);
    OK(cuMemFree_v2(managed));
    CUdeviceptr own = device.put(std::vector<uint32_t>(4));
    OK(cuPointerGetAttribute(&type, 2, own));
    CHECK(type == CU_MEMORYTYPE_DEVICE);
}

TEST("modules: errors name the line, the log buffer is filled, binaries are refused") {
    Device device;
    std::string bad = header() + ".visible .entry k() {\n.reg .b32 %r<4>;\nadd.u32 %r0, %r1, %r2;\nfrobnicate.u32 %r0, %r1;\nret;\n}\n";
    CUmodule module;
    char log[512] = {};
    int options[] = {CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, CU_JIT_ERROR_LOG_BUFFER};
    void *values[] = {reinterpret_cast<void *>(sizeof log), log};
    CHECK(cuModuleLoadDataEx(&module, bad.c_str(), 2, options, values) == CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
    CHECK(std::string(log).find("PTX line 7") != std::string::npos && std::string(log).find("frobnicate.u32 %r0, %r1") != std::string::npos, << log);
    CHECK(last_error().find("PTX line 7") != std::string::npos);
    struct Case {
        const char *body, *word;
        CUresult result;
    };
    const Case cases[] = {{"add.u32 %r0, %r1;", "operand", CUDA_ERROR_INVALID_PTX},
                          {"add.u32 %r0, %r1, %d0;", "width", CUDA_ERROR_INVALID_PTX},
                          {"add.u32 %r0, %r1, %nosuch;", "%nosuch", CUDA_ERROR_UNSUPPORTED_PTX_VERSION},
                          {"bra NOWHERE;", "NOWHERE", CUDA_ERROR_INVALID_PTX},
                          {"add.purple.u32 %r0, %r1, %r2;", "purple", CUDA_ERROR_UNSUPPORTED_PTX_VERSION},
                          {"wgmma.fence.sync.aligned;", "wgmma", CUDA_ERROR_UNSUPPORTED_PTX_VERSION},
                          {"cp.async.bulk.commit_group;", "bulk", CUDA_ERROR_UNSUPPORTED_PTX_VERSION},
                          {"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%r0}, {%r0}, {%r0}, {%r0};", "registers", CUDA_ERROR_INVALID_PTX},
                          {"add.u32 %r0, %r1, %r2", "expected", CUDA_ERROR_INVALID_PTX}};
    for (const Case &c : cases) {
        std::string ptx = header() + ".visible .entry k() {\n.reg .b32 %r<4>; .reg .b64 %d<2>;\n" + c.body + "\nret;\n}\n";
        CUresult result = cuModuleLoadData(&module, ptx.c_str());
        CHECK(result == c.result, << c.body << " gives " << result << ": " << last_error());
        CHECK(last_error().find(c.word) != std::string::npos && last_error().find("PTX line ") != std::string::npos, << c.body << ": " << last_error());
    }
    CHECK(cuModuleLoadData(&module, "\x7f" "ELF\2\1\1") == CUDA_ERROR_NO_BINARY_FOR_GPU);
    CHECK(cuModuleLoadData(&module, "\x50\xed\x55\xba....") == CUDA_ERROR_NO_BINARY_FOR_GPU);
    CHECK(cuModuleLoadData(&module, (header("sm_120") + ".visible .entry k() { ret; }\n").c_str()) == CUDA_ERROR_NO_BINARY_FOR_GPU);
    CHECK(cuModuleLoadData(&module, "hello") == CUDA_ERROR_INVALID_PTX);
    CHECK(cuModuleLoad(&module, "/no/such/file.ptx") == CUDA_ERROR_FILE_NOT_FOUND);
    module = device.load(double_ptx);
    CUfunction kernel;
    CHECK(cuModuleGetFunction(&kernel, module, "nothing") == CUDA_ERROR_NOT_FOUND);
}

TEST("occupancy follows threads, registers and shared memory") {
    Device device;
    CUfunction kernel = device.kernel(double_ptx);
    int blocks, grid, block, most;
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, 256, 0));
    CHECK(blocks == 8, << blocks);
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, 32, 0));
    CHECK(blocks == 32, << blocks);
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, 256, 100 << 10));
    CHECK(blocks == 2, << blocks);
    OK(cuOccupancyMaxPotentialBlockSize(&grid, &block, kernel, nullptr, 0, 0));
    CHECK(block == 1024 && grid == 2 * 132, << block << " " << grid);
    OK(cuFuncGetAttribute(&most, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, kernel));
    CHECK(most == 1024);
}

TEST("streams and events order work and measure it") {
    Device device;
    CUfunction kernel = device.kernel(double_ptx);
    CUdeviceptr a = device.put(std::vector<uint32_t>(1000, 1));
    CUstream stream, other;
    OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    OK(cuStreamCreateWithPriority(&other, 0, -3));
    int priority;
    OK(cuStreamGetPriority(other, &priority));
    CHECK(priority == -3);
    CUevent start, stop, silent;
    OK(cuEventCreate(&start, 0));
    OK(cuEventCreate(&stop, 0));
    OK(cuEventCreate(&silent, CU_EVENT_DISABLE_TIMING));
    float milliseconds;
    CHECK(cuEventElapsedTime(&milliseconds, start, stop) == CUDA_ERROR_INVALID_HANDLE);
    OK(cuEventRecord(start, stream));
    unsigned n = 1000;
    void *parameters[] = {&a, &n};
    for (int i = 0; i < 5; i++) OK(cuLaunchKernel(kernel, 4, 1, 1, 256, 1, 1, 0, stream, parameters, nullptr));
    OK(cuEventRecord(stop, stream));
    OK(cuStreamWaitEvent(other, stop, 0));
    OK(cuLaunchKernel(kernel, 4, 1, 1, 256, 1, 1, 0, other, parameters, nullptr));
    int called = 0;
    OK(cuLaunchHostFunc(other, [](void *p) { ++*static_cast<int *>(p); }, &called));
    OK(cuStreamAddCallback(other, [](CUstream, CUresult r, void *p) { *static_cast<int *>(p) += r == 0 ? 10 : 0; }, &called, 0));
    OK(cuStreamSynchronize(other));
    OK(cuEventQuery(stop));
    OK(cuEventElapsedTime(&milliseconds, start, stop));
    CHECK(milliseconds > 0 && called == 11);
    CHECK(cuEventElapsedTime(&milliseconds, start, silent) == CUDA_ERROR_INVALID_HANDLE);
    CHECK(device.get<uint32_t>(a, 1000) == std::vector<uint32_t>(1000, 64));
}

TEST("result codes have names and words") {
    const char *name;
    OK(cuGetErrorName(700, &name));
    CHECK(std::string(name) == "CUDA_ERROR_ILLEGAL_ADDRESS");
    CHECK(cuGetErrorName(12345, &name) == CUDA_ERROR_INVALID_VALUE && name == nullptr);
}

int main() {
    setenv("LEANSPIKE_SOFTGPU_DEVICES", "2", 1);
    setenv("LEANSPIKE_SOFTGPU_ARCH", "90", 1);
    void *address;
    if (cuMemAlloc_v2(reinterpret_cast<CUdeviceptr *>(&address), 16) != CUDA_ERROR_NOT_INITIALIZED) return 1;
    return run_tests();
}
