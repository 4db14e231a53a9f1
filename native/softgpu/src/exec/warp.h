// The state of a warp while it runs: its current frame of registers, the lanes that run together, and the lanes that wait.
//
// Lanes of a warp that have parted are groups, each with its own position. Instructions lie in an order in which a loop's
// instructions stand together and a join stands after what it joins, so running the group with the lowest position first
// brings lanes together again as early as the program allows, whatever the shape of its control flow.
#pragma once

#include "instruction.h"

#include <cstddef>
#include <cstdint>

namespace softgpu {

struct Block;
struct CallStack;

struct Tally {
    uint64_t issued = 0, executed = 0, lanes = 0; // executed: issued with a lane that its guard lets through
    uint64_t sectors = 0, bytes = 0;         // global: 32-byte sectors of each request
    uint64_t shared_bytes = 0, wavefronts = 0, ideal = 0; // shared: passes over the banks, and the fewest that would do
    uint64_t divergent = 0;                  // branches that parted lanes
};

enum class Wait : uint8_t { None, WarpSync, Exchange };

struct Group {
    uint32_t pc;
    uint32_t lanes;
    Wait wait;
    uint32_t members; // lanes it waits for
};

enum class Stop : uint32_t { None, Barrier, Finished, Yield };

struct Warp {
    uint8_t *base[2];            // registers of the current frame; constants
    const uint32_t *pool;
    const Instruction *code;
    Tally *tally;
    uint32_t pc;
    uint32_t exec;               // lanes the current instruction works on
    uint32_t active;             // lanes of the current group
    uint32_t alive;              // lanes of the thread block that have not exited
    uint32_t existing;           // lanes that are threads at all: the last warp of a block may be partial
    Stop stop;
    uint32_t pending_count;
    Group pending[32];           // of the current frame, lowest position last
    uint32_t carry;              // condition code of add.cc and its kin, one bit a lane
    uint32_t index;              // in the block
    uint64_t budget;             // instructions left before the watchdog
    uint8_t *local;              // local memory: lane l owns [l * local_stride, (l + 1) * local_stride)
    uint32_t local_stride;
    uint32_t local_frame;        // where the current routine's variables start
    uint32_t barrier_result;     // operand that receives the result of bar.red, or no_operand
    Block *block;
    CallStack *calls;
};

// Ends the kernel: throws a Fault that names kernel, block, thread (of the given lane) and PTX line.
[[noreturn]] void raise(Warp &warp, const Instruction &in, int lane, int result, const char *what);

} // namespace softgpu
