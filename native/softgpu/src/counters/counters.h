// What a kernel did, summed over its launches: exact, and the same for any number of host threads.
#pragma once

#include "../exec/instruction.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace softgpu {

struct Program;
struct Tally;

struct RequestCounters {
    uint64_t requests = 0, lanes = 0, bytes = 0, sectors = 0;
};
struct SharedCounters {
    uint64_t requests = 0, bytes = 0, wavefronts = 0, ideal = 0;
};
struct TrafficCounters { // only at level 2
    uint64_t distinct_read = 0, distinct_written = 0; // bytes touched in global memory, each once a launch
    uint64_t l2_reads = 0, l2_writes = 0;             // sectors asked of the L2
    uint64_t dram_read = 0, dram_written = 0;         // bytes through a cold L2 of the device's size, written back at the end
};

struct KernelCounters {
    uint64_t launches = 0, blocks = 0, threads = 0;
    uint64_t issued[static_cast<int>(Kind::Count)] = {}, lanes[static_cast<int>(Kind::Count)] = {};
    RequestCounters global_load, global_store, global_atomic;
    SharedCounters shared_load, shared_store, shared_atomic;
    uint64_t branches = 0, divergent_branches = 0, barriers = 0;
    std::map<std::string, uint64_t> matrix; // by the name of the instruction
    TrafficCounters traffic;
    std::map<uint32_t, std::map<std::string, uint64_t>> lines; // PTX line → statement → warp instructions issued

    void add(const Program &program, const std::vector<Tally> &tally);
    void add(const KernelCounters &other);
};

const char *kind_name(Kind kind);
std::string to_json(const std::map<std::string, KernelCounters> &kernels);

} // namespace softgpu
