// Limits of the compute capabilities a virtual device can have (CUDA programming guide, compute capabilities appendix).
#pragma once

#include <cstdint>

namespace softgpu {

struct Arch {
    int capability; // 80 for 8.0
    int multiprocessors;
    int threads_per_multiprocessor, blocks_per_multiprocessor;
    uint32_t shared_per_block_optin, shared_per_multiprocessor, shared_reserved;
    uint64_t l2_bytes;
    int clock_khz, memory_clock_khz, memory_bus_bits;
    const char *model; // whose counts these are
};

inline constexpr uint32_t shared_per_block = 48 << 10, registers_per_block = 65536, threads_per_block = 1024;

const Arch &arch_of(uint64_t capability); // throws std::invalid_argument where it is none of those known

} // namespace softgpu
