// Instructions that steer: branches, joins, calls, returns, barriers, waits; and how lanes that have parted take turns.
#pragma once

#include "../exec/warp.h"

namespace softgpu::control {

void branch(Warp &, const Instruction &);
void branch_indexed(Warp &, const Instruction &);
void join(Warp &, const Instruction &);
void leave_routine(Warp &, const Instruction &); // ret
void leave_kernel(Warp &, const Instruction &);  // exit
void trap(Warp &, const Instruction &);
void call(Warp &, const Instruction &);
void warp_barrier(Warp &, const Instruction &);
void block_barrier(Warp &, const Instruction &);
void active_mask(Warp &, const Instruction &);
void nothing(Warp &, const Instruction &); // fences, prefetches, hints
void commit_copies(Warp &, const Instruction &);
void wait_copies(Warp &, const Instruction &);
void read_clock(Warp &, const Instruction &);
void local_address(Warp &, const Instruction &);

// Modes of block_barrier.
enum BarrierMode : uint8_t { Sync, Arrive, Popc, And, Or };
inline constexpr uint8_t barrier_aligned = 1, barrier_negated = 2;

// Chooses which lanes run next, after the current group moved, left or must wait.
void settle(Warp &warp);

} // namespace softgpu::control
