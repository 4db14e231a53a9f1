// A thread block while a host thread runs it: its warps, their call stacks, its barriers.
#pragma once

#include "../exec/block.h"
#include "../memory/heap.h"
#include "../program/program.h"

#include <memory>
#include <string>
#include <vector>

namespace softgpu {

// Grow-only memory aligned for vector loads.
class LaneMemory {
public:
    uint8_t *reserve(std::size_t bytes);
    uint8_t *data() const { return data_.get(); }
    std::size_t size() const { return size_; }

private:
    struct Release {
        void operator()(uint8_t *p) const;
    };
    std::unique_ptr<uint8_t, Release> data_;
    std::size_t size_ = 0;
};

struct SavedFrame {
    uint8_t *registers;
    uint32_t pc, active, pending_count, local_frame, routine;
    Group pending[32];
    const CallSite *site;
    uint32_t lanes; // that made the call
};

struct DeferredCopy {
    int lane;
    uint32_t group, address, bytes, copied;
    const uint8_t *source;
};

struct CallStack {
    std::vector<SavedFrame> frames;
    std::vector<LaneMemory> memory; // registers of each depth
    LaneMemory local;
    uint32_t routine = 0;
    bool patient = false; // let the current lanes run on: others have waited for them in vain
    std::vector<DeferredCopy> copies;
    uint32_t committed[32] = {};
    int barrier = -1; // waited for
    uint32_t barrier_pc = 0;
};

struct Barrier {
    uint32_t arrived = 0;  // warps
    uint32_t expected = 0; // warps; 0: all that live
    uint32_t line = 0;     // of the first arrival
    uint32_t waiting = 0;  // warps, as a mask
    uint32_t popc = 0;
    bool all = true, any = false;
    std::vector<uint32_t> released; // shared accesses ordered by those who arrived: stamp per warp
};

struct LaunchRun; // one launch: program, memory, options

struct BlockRun : Block {
    const LaunchRun *run = nullptr;
    std::vector<Warp> warps;
    std::vector<CallStack> stacks;
    std::vector<bool> finished;
    Barrier barriers[16];
    LaneMemory shared_memory;
    std::vector<SharedCell> cells;
    std::vector<uint32_t> reads, ordered;
    uint32_t next_stamp = 1;
    std::vector<const Region *> cache;

    void prepare(const LaunchRun &launch, Tally *tally); // once a launch
    void execute(uint64_t linear_index);                 // throws DeviceFault

private:
    void begin(uint64_t linear_index);
    void begin_warp(uint32_t index);
    void begin_shadow();
    void run_warp(Warp &warp);
    [[noreturn]] void report_deadlock();
};

inline BlockRun &block_of(Warp &warp) { return static_cast<BlockRun &>(*warp.block); }
std::string place_of(const Warp &warp, int lane, uint32_t line); // "kernel k, block (…), thread (…), PTX line n"

void complete_barriers(BlockRun &block); // after a warp exits, those who wait for all may go on

} // namespace softgpu
