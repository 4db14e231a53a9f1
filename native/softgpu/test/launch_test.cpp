// Launches that cannot be, each refused with a text that names the kernel and the limit; and handles of things that are gone.
#include "device.h"

namespace {

const std::string kernels = header() + ".extern .shared .b8 s[];\n"
                                       ".visible .entry dynamic(.param .u64 a, .param .u32 b) { .reg .b32 %r; mov.u32 %r, s; ret; }\n"
                                       ".visible .entry bounded() .maxntid 64 { ret; }\n.visible .entry exact() .reqntid 32, 2, 1 { ret; }\n";

void refused(CUresult got, CUresult expected, const std::vector<std::string> &words) {
    std::string text = last_error();
    CHECK(got == expected, << got << ": " << text);
    for (const std::string &word : words) CHECK(text.find(word) != std::string::npos, << "'" << word << "' is missing in: " << text);
}

struct Shape {
    unsigned grid_x = 1, grid_y = 1, threads_x = 32, threads_y = 1, shared = 0;
};

// With two parameters of 8 and 4 bytes, which the kernels without parameters ignore.
CUresult launch(CUfunction kernel, Shape shape) {
    uint64_t a = 0;
    unsigned b = 0;
    void *parameters[] = {&a, &b};
    return cuLaunchKernel(kernel, shape.grid_x, shape.grid_y, 1, shape.threads_x, shape.threads_y, 1, shape.shared, nullptr, parameters, nullptr);
}

} // namespace

TEST("a grid without blocks, or with more than a dimension holds") {
    Device device;
    CUfunction kernel = device.kernel(kernels, "dynamic");
    refused(launch(kernel, {.grid_x = 0}), CUDA_ERROR_INVALID_VALUE, {"kernel dynamic", "a dimension is zero"});
    refused(launch(kernel, {.grid_y = 70000}), CUDA_ERROR_INVALID_VALUE, {"kernel dynamic", "a grid of 1 x 70000 x 1 blocks"});
}

TEST("too many threads: of a block, of .maxntid, other than .reqntid") {
    Device device;
    refused(launch(device.kernel(kernels, "dynamic"), {.threads_x = 2048}), CUDA_ERROR_INVALID_VALUE, {"kernel dynamic", "a block of 2048 x 1 x 1 threads"});
    refused(launch(device.kernel(kernels, "bounded"), {.threads_x = 96}), CUDA_ERROR_INVALID_VALUE, {"kernel bounded allows blocks of 64 threads, not 96"});
    refused(launch(device.kernel(kernels, "exact"), {.threads_x = 64}), CUDA_ERROR_INVALID_VALUE, {"kernel exact requires blocks of 32 x 2 x 1 threads"});
    OK(launch(device.kernel(kernels, "exact"), {.threads_x = 32, .threads_y = 2}));
}

TEST("too much shared memory: without leave, above what was allowed, above the device") {
    Device device;
    CUfunction kernel = device.kernel(kernels, "dynamic");
    refused(launch(kernel, {.shared = 49153}), CUDA_ERROR_INVALID_VALUE, {"kernel dynamic", "49153 bytes", "MAX_DYNAMIC_SHARED_SIZE_BYTES"});
    OK(cuFuncSetAttribute(kernel, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 100 << 10));
    OK(launch(kernel, {.shared = 100 << 10}));
    refused(launch(kernel, {.shared = (100 << 10) + 1}), CUDA_ERROR_INVALID_VALUE, {"kernel dynamic", "102401 bytes"});
    refused(launch(kernel, {.shared = 200 << 10}), CUDA_ERROR_INVALID_VALUE, {"kernel dynamic", "204800 bytes", "allows 166912 in a block"});
    refused(cuFuncSetAttribute(kernel, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 200 << 10), CUDA_ERROR_INVALID_VALUE, {"204800", "166912"});
}

TEST("too much static shared memory") {
    Device device;
    CUfunction kernel = device.kernel(header() + ".shared .align 4 .b8 large[65536];\n.visible .entry k() { .reg .b32 %r; mov.u32 %r, large; st.shared.u32 [%r], 1; ret; }\n");
    refused(launch(kernel, {}), CUDA_ERROR_INVALID_VALUE, {"kernel k", "65536 bytes", "49152"});
}

TEST("too many registers for the threads of a block") {
    Device device;
    std::string body; // 200 values alive at once
    for (int i = 0; i < 200; i++) body += "ld.global.u32 %r" + std::to_string(i) + ", [%d0+" + std::to_string(4 * i) + "];\n";
    for (int i = 0; i < 200; i++) body += "st.global.u32 [%d0+" + std::to_string(4 * i) + "], %r" + std::to_string(i) + ";\n";
    CUfunction large = device.kernel(header() + ".visible .entry large(.param .u64 a) { .reg .b64 %d<2>; .reg .b32 %r<200>; ld.param.u64 %d0, [a];\n" + body + "ret; }\n", "large");
    int registers = 0, threads = 0;
    OK(cuFuncGetAttribute(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, large));
    CHECK(registers >= 200 && registers <= 255, << registers);
    OK(cuFuncGetAttribute(&threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, large));
    CHECK(threads == 65536 / registers / 32 * 32, << threads);
    refused(launch(large, {.threads_x = 1024}), CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, {"kernel large", "1024 threads of about " + std::to_string(registers) + " registers", "65536"});
}

TEST("a parameter block of the wrong size, and parameters that are missing") {
    Device device;
    CUfunction kernel = device.kernel(kernels, "dynamic");
    char buffer[16] = {};
    size_t size = 12;
    void *extra[] = {reinterpret_cast<void *>(CU_LAUNCH_PARAM_BUFFER_POINTER), buffer, reinterpret_cast<void *>(CU_LAUNCH_PARAM_BUFFER_SIZE), &size, reinterpret_cast<void *>(CU_LAUNCH_PARAM_END)};
    auto with_buffer = [&](size_t bytes) {
        size = bytes;
        return cuLaunchKernel(kernel, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, extra);
    };
    OK(with_buffer(12));
    for (size_t wrong : {8, 16}) refused(with_buffer(wrong), CUDA_ERROR_INVALID_VALUE, {"kernel dynamic takes 12 bytes of parameters, the buffer has " + std::to_string(wrong)});
    refused(cuLaunchKernel(kernel, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE, {"kernel dynamic takes 2 parameters, none are given"});
    void *parameters[] = {buffer, nullptr};
    refused(cuLaunchKernel(kernel, 1, 1, 1, 32, 1, 1, 0, nullptr, parameters, nullptr), CUDA_ERROR_INVALID_VALUE, {"parameter 1 of kernel dynamic is null"});
}

TEST("handles of destroyed things") {
    Device device;
    CUstream stream;
    OK(cuStreamCreate(&stream, 0));
    OK(cuStreamDestroy_v2(stream));
    CHECK(cuStreamSynchronize(stream) == CUDA_ERROR_INVALID_HANDLE);
    CUevent event;
    OK(cuEventCreate(&event, 0));
    OK(cuEventDestroy_v2(event));
    CHECK(cuEventRecord(event, nullptr) == CUDA_ERROR_INVALID_HANDLE);
    CUmodule module = device.load(header() + ".visible .entry k() { ret; }\n");
    CUfunction kernel;
    OK(cuModuleGetFunction(&kernel, module, "k"));
    OK(cuModuleUnload(module));
    CHECK(device.launch(kernel, 1, 1, 0) == CUDA_ERROR_INVALID_HANDLE);
    CHECK(cuModuleUnload(module) == CUDA_ERROR_INVALID_HANDLE);
    CUdeviceptr address;
    OK(cuMemAlloc_v2(&address, 64));
    OK(cuMemFree_v2(address));
    CHECK(cuMemFree_v2(address) == CUDA_ERROR_INVALID_VALUE);
    CHECK(cuMemsetD8_v2(address, 0, 4) == CUDA_ERROR_INVALID_VALUE);
    CHECK(last_error().find("already freed") != std::string::npos, << last_error());
}

int main() { return run_tests(); }
