// Runs a grid: blocks are independent, so host threads take them in order; counters and faults do not depend on their number.
#pragma once

#include "../counters/counters.h"
#include "block_run.h"
#include "fault.h"

#include <optional>

namespace softgpu {

struct Options {
    int host_threads = 1;
    int counters = CounterLevel::Requests;
    bool shared_checks = true;  // races and undefined reads of shared memory
    bool global_checks = false; // undefined reads of global memory
    bool strict_exit = false;   // a warp that left before a barrier of all threads is a fault
    uint64_t watchdog = 1ull << 28; // instructions of one warp
    static Options from_environment();
};

struct DeviceFacts {
    int multiprocessors = 108;
    uint64_t l2_bytes = 40ull << 20;
};

struct LaunchRun {
    const Program *program = nullptr;
    const Heap *heap = nullptr;
    Launch launch{};
    Options options;
    DeviceFacts device;
    uint32_t dynamic_shared = 0;
    uint64_t grid_id = 0;
    uint64_t blocks() const { return uint64_t(launch.grid[0]) * launch.grid[1] * launch.grid[2]; }
    uint32_t threads() const { return launch.block[0] * launch.block[1] * launch.block[2]; }
};

// Adds to the counters also when a fault ends the kernel.
std::optional<DeviceFault> run_grid(const LaunchRun &run, KernelCounters &counters);

} // namespace softgpu
