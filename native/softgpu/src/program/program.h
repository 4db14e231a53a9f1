// A kernel ready to run: its instructions and those of every routine it can call, in the order the warps follow.
#pragma once

#include "../exec/instruction.h"
#include "special.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace softgpu {

// Storage of a parameter or result of a routine in a frame: lane l owns bytes [offset + l·stride, + bytes).
struct LaneArea {
    uint32_t offset = 0, stride = 0, bytes = 0;
};

enum class BuiltIn : uint8_t { None, Printf, AssertFail };

struct CalledRoutine {
    std::string name;
    BuiltIn built_in = BuiltIn::None;
    uint32_t entry = 0;       // index of its first instruction
    uint32_t frame_bytes = 0; // registers, parameters and results
    uint32_t local_bytes = 0;
    std::vector<LaneArea> parameters, results;
};

struct CallSite {
    int32_t routine = -1; // -1: the operand holds its index, tagged by function_address
    uint32_t operand = no_operand;
    std::vector<LaneArea> arguments, results;
};

inline constexpr uint64_t function_address = 1ull << 60;

struct KernelParameter {
    uint32_t offset, bytes;
};

struct SpecialSlot {
    Special which;
    uint32_t offset; // in every frame of the program
};

struct Program {
    std::string name;
    std::vector<Instruction> code;
    std::vector<std::string> texts; // of each instruction, for messages and profiles
    std::vector<uint32_t> pool;
    std::vector<uint8_t> constants; // 32 equal lanes each
    std::vector<CalledRoutine> routines; // the kernel itself is the first
    std::vector<CallSite> calls;
    std::vector<SpecialSlot> specials;
    uint32_t special_bytes = 0;
    std::vector<KernelParameter> parameters;
    uint32_t parameter_bytes = 0;
    uint32_t shared_bytes = 0;   // static
    uint32_t shared_unit = 4;    // bytes of the smallest access to shared memory
    uint32_t constant_bytes = 0; // of the module's .const variables
    uint32_t registers = 0;      // an estimate: the most 32-bit values alive at once
    uint32_t max_threads = 0;    // a bound the kernel states, 0 if none
    uint32_t required_threads[3] = {0, 0, 0};
    int ptx_version = 0;         // 90 for .version 9.0
    int target = 0;              // 80 for sm_80
};

} // namespace softgpu
