// Kernel launches: every limit is checked as a device would, then the grid runs to its end. A fault stays with the context.
#include "driver.h"

#include <cstring>

using namespace softgpu;

namespace {

std::string dims(const uint32_t *d) { return std::to_string(d[0]) + " x " + std::to_string(d[1]) + " x " + std::to_string(d[2]); }

// A buffer handed over whole, or a pointer to each parameter.
std::vector<uint8_t> collect_parameters(const Program &program, void **params, void **extra) {
    std::vector<uint8_t> bytes(program.parameter_bytes);
    if (params && extra) fail(CUDA_ERROR_INVALID_VALUE, "both kernelParams and extra are given");
    if (extra) {
        const void *buffer = nullptr;
        const std::size_t *size = nullptr;
        for (; *extra != reinterpret_cast<void *>(CU_LAUNCH_PARAM_END); extra += 2) {
            if (*extra == reinterpret_cast<void *>(CU_LAUNCH_PARAM_BUFFER_POINTER)) buffer = extra[1];
            else if (*extra == reinterpret_cast<void *>(CU_LAUNCH_PARAM_BUFFER_SIZE)) size = static_cast<const std::size_t *>(extra[1]);
            else fail(CUDA_ERROR_INVALID_VALUE, "an unknown entry of extra");
        }
        if (!buffer || !size) fail(CUDA_ERROR_INVALID_VALUE, "extra without a buffer and its size");
        if (*size != bytes.size())
            fail(CUDA_ERROR_INVALID_VALUE, "kernel " + program.name + " takes " + std::to_string(bytes.size()) + " bytes of parameters, the buffer has " + std::to_string(*size));
        std::memcpy(bytes.data(), buffer, bytes.size());
        return bytes;
    }
    for (std::size_t i = 0; i < program.parameters.size(); i++) {
        if (!params) fail(CUDA_ERROR_INVALID_VALUE, "kernel " + program.name + " takes " + std::to_string(program.parameters.size()) + " parameters, none are given");
        if (!params[i]) fail(CUDA_ERROR_INVALID_VALUE, "the pointer to parameter " + std::to_string(i) + " of kernel " + program.name + " is null");
        std::memcpy(bytes.data() + program.parameters[i].offset, params[i], program.parameters[i].bytes);
    }
    return bytes;
}

void check_dimensions(const Function &f, const uint32_t *grid, const uint32_t *block) {
    const Program &p = f.program;
    for (int i = 0; i < 3; i++)
        if (grid[i] == 0 || block[i] == 0) fail(CUDA_ERROR_INVALID_VALUE, "kernel " + p.name + ": grid " + dims(grid) + ", block " + dims(block) + ": a dimension is zero");
    if (grid[0] > 0x7fffffffu || grid[1] > 65535 || grid[2] > 65535) fail(CUDA_ERROR_INVALID_VALUE, "kernel " + p.name + ": a grid of " + dims(grid) + " blocks");
    uint64_t threads = uint64_t(block[0]) * block[1] * block[2];
    if (block[0] > 1024 || block[1] > 1024 || block[2] > 64 || threads > threads_per_block)
        fail(CUDA_ERROR_INVALID_VALUE, "kernel " + p.name + ": a block of " + dims(block) + " threads");
    if (p.max_threads && threads > p.max_threads)
        fail(CUDA_ERROR_INVALID_VALUE, "kernel " + p.name + " allows blocks of " + std::to_string(p.max_threads) + " threads, not " + std::to_string(threads));
    if (p.required_threads[0] && std::memcmp(p.required_threads, block, sizeof p.required_threads) != 0)
        fail(CUDA_ERROR_INVALID_VALUE, "kernel " + p.name + " requires blocks of " + dims(p.required_threads) + " threads");
    if (threads > f.most_threads())
        fail(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "kernel " + p.name + ": " + std::to_string(threads) + " threads of about " + std::to_string(p.registers) +
                                                     " registers do not fit a block's " + std::to_string(registers_per_block));
}

void check_shared(const Function &f, uint32_t dynamic_shared) {
    const Program &p = f.program;
    uint32_t limit = context_of(f.context).device->arch->shared_per_block_optin;
    uint64_t total = uint64_t(p.shared_bytes) + dynamic_shared;
    if (total > limit)
        fail(CUDA_ERROR_INVALID_VALUE, "kernel " + p.name + ": " + std::to_string(total) + " bytes of shared memory, the device allows " + std::to_string(limit) + " in a block");
    if (total > shared_per_block && dynamic_shared > static_cast<uint32_t>(f.max_dynamic_shared))
        fail(CUDA_ERROR_INVALID_VALUE, "kernel " + p.name + ": " + std::to_string(dynamic_shared) +
                                           " bytes of dynamic shared memory need CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES to be set first");
    if (total > shared_per_block && f.max_dynamic_shared == static_cast<int>(shared_per_block))
        fail(CUDA_ERROR_INVALID_VALUE, "kernel " + p.name + ": " + std::to_string(total) + " bytes of shared memory are above the default limit of " + std::to_string(shared_per_block));
}

void launch(CUfunction function, const uint32_t *grid, const uint32_t *block, uint32_t dynamic_shared, CUstream stream_handle, void **params, void **extra) {
    Stream &stream = stream_of(stream_handle);
    if (function_of(function).context != stream.context) fail(CUDA_ERROR_INVALID_HANDLE, "kernel and stream belong to different contexts");
    auto call = std::make_shared<KernelCall>(checked_call(function, grid, block, dynamic_shared, params, extra));
    submit(stream, {CU_GRAPH_NODE_TYPE_KERNEL, nullptr, call, stream.context});
}

} // namespace

namespace softgpu {

KernelCall checked_call(CUfunction function, const uint32_t *grid, const uint32_t *block, uint32_t dynamic_shared, void **params, void **extra) {
    Function &f = function_of(function);
    check_dimensions(f, grid, block);
    check_shared(f, dynamic_shared);
    KernelCall call;
    call.function = function;
    std::copy(grid, grid + 3, call.grid);
    std::copy(block, block + 3, call.block);
    call.dynamic_shared = dynamic_shared;
    call.params = collect_parameters(f.program, params, extra);
    return call;
}

void run_kernel(const KernelCall &call) {
    Function &f = function_of(call.function);
    Context &context = context_of(f.context);
    if (context.fault) fail(context.fault->result, context.fault->text);
    Device &device = *context.device;
    const std::vector<Region> &regions = device.heap->regions();
    LaunchRun run;
    run.program = &f.program;
    run.heap = device.heap.get();
    run.options = driver().options;
    run.device = {device.arch->multiprocessors, device.arch->l2_bytes};
    run.dynamic_shared = call.dynamic_shared;
    run.grid_id = ++device.launches;
    run.launch.regions = regions.data();
    run.launch.region_count = static_cast<uint32_t>(regions.size());
    run.launch.params = call.params.data();
    run.launch.param_bytes = static_cast<uint32_t>(call.params.size());
    std::copy(call.grid, call.grid + 3, run.launch.grid);
    std::copy(call.block, call.block + 3, run.launch.block);
    run.launch.counters = run.options.counters;
    run.launch.shared_bytes = f.program.shared_bytes + call.dynamic_shared;
    std::optional<DeviceFault> fault = run_grid(run, device.counters[f.program.name]);
    if (!fault) return;
    note(fault->result, "cuLaunchKernel", fault->text);
    context.fault = std::move(fault);
    if (driver().launch_blocking) fail(context.fault->result, context.fault->text);
}

} // namespace softgpu

SOFTGPU_API cuLaunchKernel(CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z, unsigned int block_x,
                           unsigned int block_y, unsigned int block_z, unsigned int shared_bytes, CUstream stream, void **params, void **extra) {
    return entry("cuLaunchKernel", [&] {
        uint32_t grid[] = {grid_x, grid_y, grid_z}, block[] = {block_x, block_y, block_z};
        launch(function, grid, block, shared_bytes, stream, params, extra);
    });
}

SOFTGPU_API cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction function, void **params, void **extra) {
    return entry("cuLaunchKernelEx", [&] {
        const CUlaunchConfig &c = given(config, "config");
        constexpr std::size_t attribute_bytes = 72; // CUlaunchAttribute: an identifier, padding, a union of 64 bytes
        for (unsigned i = 0; i < c.numAttrs; i++) {
            int id;
            std::memcpy(&id, static_cast<const char *>(c.attrs) + i * attribute_bytes, sizeof id);
            constexpr int none = 0, access_policy = 1, synchronization_policy = 3, early_start = 6, priority = 8; // they change no result
            if (id != none && id != access_policy && id != synchronization_policy && id != early_start && id != priority)
                fail(CUDA_ERROR_NOT_SUPPORTED, "the software GPU has no launch attribute " + std::to_string(id));
        }
        uint32_t grid[] = {c.gridDimX, c.gridDimY, c.gridDimZ}, block[] = {c.blockDimX, c.blockDimY, c.blockDimZ};
        launch(function, grid, block, c.sharedMemBytes, c.hStream, params, extra);
    });
}
