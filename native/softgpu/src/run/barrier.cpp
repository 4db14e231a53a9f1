// Barriers of a thread block. A barrier without a count waits for every thread that has not exited (CUDA, compute capability 7.0
// and later); all warps must wait at the same instruction then, since __syncthreads() may be conditional only where the whole
// block decides alike. With a count, arrivals are counted by warps of 32.
#include "block_run.h"
#include "control.h"
#include "fault.h"
#include "launch.h"

#include <algorithm>

namespace softgpu {
namespace {

uint32_t first_value(Warp &w, uint32_t operand) {
    return reinterpret_cast<const uint32_t *>(w.base[operand >> 31] + (operand & 0x7fffffffu))[__builtin_ctz(w.exec)];
}
uint32_t predicate(Warp &w, uint32_t operand) { return *reinterpret_cast<const uint32_t *>(w.base[operand >> 31] + (operand & 0x7fffffffu)); }

uint32_t alive_warps(const BlockRun &block) {
    uint32_t count = 0;
    for (bool done : block.finished) count += !done;
    return count;
}

// What the barrier orders: accesses by everyone who arrived come before the next ones of those who waited.
void order_accesses(BlockRun &block, const Barrier &barrier) {
    SharedShadow &s = block.shadow;
    std::vector<uint32_t> before = barrier.released;
    before.resize(s.warps, 0);
    for (uint32_t w = 0; w < s.warps; w++) {
        bool waited = barrier.waiting >> w & 1;
        if (waited || (block.finished[w] && barrier.expected == 0)) before[w] = s.now;
        if (!waited) continue;
        for (uint32_t r = 0; r < s.warps; r++) before[r] = std::max(before[r], s.ordered[w * s.warps + r]);
    }
    for (uint32_t w = 0; w < s.warps; w++)
        if (barrier.waiting >> w & 1)
            for (uint32_t r = 0; r < s.warps; r++) s.ordered[w * s.warps + r] = std::max(s.ordered[w * s.warps + r], before[r]);
    s.now++;
}

void give_result(BlockRun &block, Warp &w, const Barrier &barrier) {
    const Instruction &in = w.code[block.stacks[w.index].barrier_pc];
    if (in.mode == control::Popc) {
        uint32_t *d = reinterpret_cast<uint32_t *>(w.base[0] + in.operand[2]);
        for (uint32_t lane = 0; lane < 32; lane++)
            if (w.barrier_result >> lane & 1) d[lane] = barrier.popc;
    } else if (in.mode == control::And || in.mode == control::Or) {
        uint32_t &d = *reinterpret_cast<uint32_t *>(w.base[0] + in.operand[2]);
        bool value = in.mode == control::And ? barrier.all : barrier.any;
        d = (d & ~w.barrier_result) | (value ? w.barrier_result : 0);
    }
}

void complete(BlockRun &block, Barrier &barrier) {
    if (block.shadow.enabled) order_accesses(block, barrier);
    for (uint32_t w = 0; w < block.warps.size(); w++)
        if (barrier.waiting >> w & 1) {
            give_result(block, block.warps[w], barrier);
            block.stacks[w].barrier = -1;
        }
    barrier = Barrier{};
}

void complete_if_full(BlockRun &block, Barrier &barrier) {
    if (barrier.arrived && barrier.arrived >= (barrier.expected ? barrier.expected : alive_warps(block))) complete(block, barrier);
}

// What an arrival without waiting publishes.
void release(BlockRun &block, Warp &w, Barrier &barrier) {
    SharedShadow &s = block.shadow;
    barrier.released.resize(s.warps, 0);
    for (uint32_t r = 0; r < s.warps; r++) barrier.released[r] = std::max(barrier.released[r], s.ordered[w.index * s.warps + r]);
    barrier.released[w.index] = std::max(barrier.released[w.index], s.now);
    s.now++;
}

} // namespace

void complete_barriers(BlockRun &block) {
    for (Barrier &barrier : block.barriers) {
        if (!barrier.arrived || barrier.expected) continue;
        if (block.run->options.strict_exit)
            for (uint32_t w = 0; w < block.warps.size(); w++)
                if (block.finished[w])
                    throw DeviceFault{result::launch_failed, place_of(block.warps[w], 0, barrier.line) + ": warp " + std::to_string(w) +
                                                                 " left the kernel before a barrier that others wait at"};
        complete_if_full(block, barrier);
    }
}

void control::block_barrier(Warp &w, const Instruction &in) {
    BlockRun &block = block_of(w);
    if (w.exec != (w.alive & w.existing)) {
        uint32_t missing = w.alive & ~w.exec;
        if (in.detail & barrier_aligned)
            raise(w, in, __builtin_ctz(missing), result::launch_failed, "divergent barrier: this thread does not reach the barrier with the others of its warp");
        if (!convene(w, in, w.alive, Wait::WarpSync)) return;
    }
    uint32_t id = first_value(w, in.operand[0]);
    if (id >= 16) raise(w, in, __builtin_ctz(w.exec), result::launch_failed, "a barrier number above 15");
    uint32_t expected = 0;
    if (in.operand[1] != no_operand) {
        uint32_t threads = first_value(w, in.operand[1]);
        if (threads == 0 || threads % 32 || threads / 32 > block.warps.size())
            raise(w, in, __builtin_ctz(w.exec), result::launch_failed, "a barrier for a number of threads that is no multiple of 32 or more than the block has");
        expected = threads / 32;
    }
    Barrier &barrier = block.barriers[id];
    if (block.run->options.strict_exit && !expected && alive_warps(block) < block.warps.size())
        raise(w, in, __builtin_ctz(w.exec), result::launch_failed, "a barrier after other warps of the block have left the kernel");
    if (barrier.arrived && barrier.expected != expected)
        raise(w, in, __builtin_ctz(w.exec), result::launch_failed, "barrier arrivals with different numbers of threads");
    if (barrier.arrived && !expected && barrier.line != in.line)
        raise(w, in, __builtin_ctz(w.exec), result::launch_failed,
              ("divergent barrier: other warps of the block wait at PTX line " + std::to_string(barrier.line)).c_str());
    barrier.expected = expected;
    barrier.line = in.line;
    barrier.arrived++;
    if (in.mode >= Popc) {
        uint32_t p = (predicate(w, in.operand[3]) ^ (in.detail & barrier_negated ? ~0u : 0)) & w.exec;
        barrier.popc += static_cast<uint32_t>(__builtin_popcount(p));
        barrier.all &= p == w.exec;
        barrier.any |= p != 0;
    }
    if (in.mode == Arrive) {
        if (block.shadow.enabled) release(block, w, barrier);
    } else {
        barrier.waiting |= 1u << w.index;
        CallStack &stack = block.stacks[w.index];
        stack.barrier = static_cast<int>(id);
        stack.barrier_pc = static_cast<uint32_t>(&in - w.code);
        w.barrier_result = w.exec;
        w.stop = Stop::Barrier;
    }
    complete_if_full(block, barrier);
}

} // namespace softgpu
