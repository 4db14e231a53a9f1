// Attributes of kernels, and how many blocks of one fit a multiprocessor.
#include "driver.h"

using namespace softgpu;

namespace softgpu {

uint32_t Function::most_threads() const {
    uint32_t by_registers = registers_per_block / std::max(1u, program.registers) / 32 * 32;
    uint32_t most = std::min(by_registers, threads_per_block);
    return program.max_threads ? std::min(most, program.max_threads) : most;
}

} // namespace softgpu

namespace {

int attribute(const Function &f, int which) {
    switch (which) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: return static_cast<int>(f.most_threads());
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: return static_cast<int>(f.program.shared_bytes);
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: return static_cast<int>(f.program.constant_bytes);
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: return static_cast<int>(f.program.routines[0].local_bytes);
    case CU_FUNC_ATTRIBUTE_NUM_REGS: return static_cast<int>(f.program.registers);
    case CU_FUNC_ATTRIBUTE_PTX_VERSION: return f.program.target;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: return driver().contexts.find(f.context)->device->arch->capability;
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: return 0;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: return f.max_dynamic_shared;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: return f.carveout;
    default: fail(CUDA_ERROR_INVALID_VALUE, "the software GPU has no function attribute " + std::to_string(which));
    }
}

uint32_t rounded(uint32_t value, uint32_t to) { return (value + to - 1) / to * to; }

int blocks_per_multiprocessor(const Function &f, const Arch &arch, int threads, std::size_t dynamic_shared) {
    if (threads <= 0 || static_cast<uint32_t>(threads) > threads_per_block) fail(CUDA_ERROR_INVALID_VALUE, "a block of " + std::to_string(threads) + " threads");
    if (static_cast<uint32_t>(threads) > f.most_threads()) return 0;
    uint32_t warps = rounded(static_cast<uint32_t>(threads), 32) / 32;
    uint64_t shared = f.program.shared_bytes + dynamic_shared + arch.shared_reserved;
    if (shared > arch.shared_per_multiprocessor) return 0;
    uint32_t blocks = static_cast<uint32_t>(arch.blocks_per_multiprocessor);
    blocks = std::min(blocks, static_cast<uint32_t>(arch.threads_per_multiprocessor) / 32 / warps);
    blocks = std::min(blocks, registers_per_block / (rounded(std::max(1u, f.program.registers) * 32, 256) * warps));
    if (shared) blocks = std::min<uint32_t>(blocks, arch.shared_per_multiprocessor / rounded(static_cast<uint32_t>(shared), 128));
    return static_cast<int>(blocks);
}

const Arch &arch_for(const Function &f) { return *context_of(f.context).device->arch; }

} // namespace

SOFTGPU_API cuFuncGetAttribute(int *value, int which, CUfunction function) {
    return entry("cuFuncGetAttribute", [&] { given(value, "value") = attribute(function_of(function), which); });
}
SOFTGPU_API cuFuncSetAttribute(CUfunction function, int which, int value) {
    return entry("cuFuncSetAttribute", [&] {
        Function &f = function_of(function);
        if (which == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
            uint32_t limit = arch_for(f).shared_per_block_optin;
            if (value < 0 || static_cast<uint32_t>(value) + f.program.shared_bytes > limit)
                fail(CUDA_ERROR_INVALID_VALUE, std::to_string(value) + " bytes of dynamic shared memory: the device allows " + std::to_string(limit) + " in a block");
            f.max_dynamic_shared = value;
        } else if (which == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
            if (value < -1 || value > 100) fail(CUDA_ERROR_INVALID_VALUE, "a carveout is -1 to 100");
            f.carveout = value;
        } else {
            fail(CUDA_ERROR_INVALID_VALUE, "function attribute " + std::to_string(which) + " cannot be set");
        }
    });
}
SOFTGPU_API cuFuncSetCacheConfig(CUfunction function, int) {
    return entry("cuFuncSetCacheConfig", [&] { function_of(function); });
}
SOFTGPU_API cuFuncSetSharedMemConfig(CUfunction function, int) {
    return entry("cuFuncSetSharedMemConfig", [&] { function_of(function); });
}
SOFTGPU_API cuFuncGetModule(CUmodule *module, CUfunction function) {
    return entry("cuFuncGetModule", [&] { given(module, "module") = function_of(function).module; });
}
SOFTGPU_API cuFuncGetName(const char **name, CUfunction function) {
    return entry("cuFuncGetName", [&] { given(name, "name") = function_of(function).program.name.c_str(); });
}

SOFTGPU_API cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction function, int threads, size_t dynamic_shared) {
    return entry("cuOccupancyMaxActiveBlocksPerMultiprocessor", [&] {
        Function &f = function_of(function);
        given(blocks, "blocks") = blocks_per_multiprocessor(f, arch_for(f), threads, dynamic_shared);
    });
}
SOFTGPU_API cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, CUfunction function, int threads, size_t dynamic_shared, unsigned int) {
    return cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, dynamic_shared);
}
SOFTGPU_API cuOccupancyMaxPotentialBlockSize(int *grid, int *block, CUfunction function, CUoccupancyB2DSize shared_of, size_t dynamic_shared, int limit) {
    return entry("cuOccupancyMaxPotentialBlockSize", [&] {
        Function &f = function_of(function);
        const Arch &arch = arch_for(f);
        int most = static_cast<int>(f.most_threads()), best_block = 0, best_blocks = 0;
        if (limit > 0) most = std::min(most, limit);
        for (int threads = most < 32 ? most : most / 32 * 32; threads > 0; threads -= 32) {
            int blocks = blocks_per_multiprocessor(f, arch, threads, shared_of ? shared_of(threads) : dynamic_shared);
            if (blocks * threads > best_blocks * best_block) {
                best_block = threads;
                best_blocks = blocks;
            }
        }
        given(block, "block") = best_block;
        given(grid, "grid") = best_blocks * arch.multiprocessors;
    });
}
SOFTGPU_API cuOccupancyMaxPotentialBlockSizeWithFlags(int *grid, int *block, CUfunction function, CUoccupancyB2DSize shared_of, size_t dynamic_shared, int limit, unsigned int) {
    return cuOccupancyMaxPotentialBlockSize(grid, block, function, shared_of, dynamic_shared, limit);
}
SOFTGPU_API cuOccupancyAvailableDynamicSMemPerBlock(size_t *bytes, CUfunction function, int blocks, int) {
    return entry("cuOccupancyAvailableDynamicSMemPerBlock", [&] {
        Function &f = function_of(function);
        const Arch &arch = arch_for(f);
        if (blocks <= 0) fail(CUDA_ERROR_INVALID_VALUE, "the number of blocks must be positive");
        uint32_t each = arch.shared_per_multiprocessor / static_cast<uint32_t>(blocks) / 128 * 128, used = arch.shared_reserved + f.program.shared_bytes;
        each = std::min(each, arch.shared_per_block_optin + arch.shared_reserved);
        given(bytes, "bytes") = each > used ? each - used : 0;
    });
}
