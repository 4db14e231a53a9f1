// Runs one thread block: its warps in turn, each until it waits at a barrier, ends or has had its share.
#include "block_run.h"

#include "control.h"
#include "fault.h"
#include "launch.h"

#include <cstdlib>
#include <cstring>

namespace softgpu {
namespace {

constexpr uint64_t slice = 1 << 16; // instructions a warp runs before the next one has its turn
constexpr uint32_t last_stamp = 0xf0000000u;

void run_instructions(Warp &w, uint64_t share) {
    const Instruction *code = w.code;
    Tally *tally = w.tally;
    for (uint64_t end = w.budget - share; w.budget > end && w.stop == Stop::None; w.budget--) {
        const Instruction &in = code[w.pc];
        Tally &t = tally[w.pc];
        w.pc++;
        uint32_t exec = w.active;
        if (in.guard != no_operand) {
            uint32_t mask = *reinterpret_cast<const uint32_t *>(w.base[0] + in.guard);
            exec &= in.guard_negated ? ~mask : mask;
        }
        t.issued++;
        t.executed += exec != 0;
        t.lanes += static_cast<uint64_t>(__builtin_popcount(exec));
        if (exec | in.always) {
            w.exec = exec;
            in.run(w, in);
        }
    }
}

void fill_special(Warp &w, const SpecialSlot &slot, const LaunchRun &run, const BlockRun &block) {
    const uint32_t *size = run.launch.block;
    uint32_t *d = reinterpret_cast<uint32_t *>(w.base[0] + slot.offset);
    auto all = [&](uint32_t value) {
        for (uint32_t lane = 0; lane < 32; lane++) d[lane] = value;
    };
    auto each = [&](auto f) {
        for (uint32_t lane = 0; lane < 32; lane++) d[lane] = f(lane, w.index * 32 + lane);
    };
    switch (slot.which) {
    case Special::TidX: return each([&](uint32_t, uint32_t t) { return t % size[0]; });
    case Special::TidY: return each([&](uint32_t, uint32_t t) { return t / size[0] % size[1]; });
    case Special::TidZ: return each([&](uint32_t, uint32_t t) { return t / (size[0] * size[1]); });
    case Special::NtidX: return all(size[0]);
    case Special::NtidY: return all(size[1]);
    case Special::NtidZ: return all(size[2]);
    case Special::CtaidX: return all(block.index[0]);
    case Special::CtaidY: return all(block.index[1]);
    case Special::CtaidZ: return all(block.index[2]);
    case Special::NctaidX: return all(run.launch.grid[0]);
    case Special::NctaidY: return all(run.launch.grid[1]);
    case Special::NctaidZ: return all(run.launch.grid[2]);
    case Special::LaneId: return each([](uint32_t lane, uint32_t) { return lane; });
    case Special::WarpId: return all(w.index);
    case Special::NwarpId: return all(static_cast<uint32_t>(block.warps.size()));
    case Special::SmId: return all(static_cast<uint32_t>(block.linear % static_cast<uint64_t>(run.device.multiprocessors)));
    case Special::NsmId: return all(static_cast<uint32_t>(run.device.multiprocessors));
    case Special::LanemaskEq: return each([](uint32_t lane, uint32_t) { return 1u << lane; });
    case Special::LanemaskLt: return each([](uint32_t lane, uint32_t) { return (1u << lane) - 1; });
    case Special::LanemaskLe: return each([](uint32_t lane, uint32_t) { return ((1u << lane) - 1) | 1u << lane; });
    case Special::LanemaskGt: return each([](uint32_t lane, uint32_t) { return ~(((1u << lane) - 1) | 1u << lane); });
    case Special::LanemaskGe: return each([](uint32_t lane, uint32_t) { return ~((1u << lane) - 1); });
    case Special::DynamicSmemSize: return all(run.dynamic_shared);
    case Special::TotalSmemSize: return all(run.launch.shared_bytes);
    case Special::One: return all(1);
    case Special::GridId:
        for (uint32_t lane = 0; lane < 32; lane++) reinterpret_cast<uint64_t *>(d)[lane] = run.grid_id;
        return;
    default: return all(0);
    }
}

uint32_t local_bytes(const Program &program) {
    uint32_t own = program.routines[0].local_bytes, called = 0;
    for (std::size_t i = 1; i < program.routines.size(); i++) called += program.routines[i].local_bytes;
    return own + called * (called ? 8 : 1); // recursion may need a routine's variables several times
}

} // namespace

void LaneMemory::Release::operator()(uint8_t *p) const { std::free(p); }

uint8_t *LaneMemory::reserve(std::size_t bytes) {
    if (bytes > size_) {
        std::size_t rounded = (bytes + 63) / 64 * 64;
        data_.reset(static_cast<uint8_t *>(std::aligned_alloc(64, rounded)));
        if (!data_) throw std::bad_alloc();
        size_ = rounded;
    }
    return data_.get();
}

void BlockRun::prepare(const LaunchRun &launch_run, Tally *tally) {
    run = &launch_run;
    launch = &run->launch;
    const Program &program = *run->program;
    std::size_t count = (run->threads() + 31) / 32;
    warps.assign(count, Warp{});
    stacks.resize(count);
    finished.assign(count, false);
    cache.assign(program.code.size(), nullptr);
    region_cache = cache.data();
    shared = shared_memory.reserve(std::max<std::size_t>(launch->shared_bytes, 64));
    uint32_t stride = (local_bytes(program) + 15) / 16 * 16;
    for (std::size_t i = 0; i < count; i++) {
        Warp &w = warps[i];
        CallStack &stack = stacks[i];
        if (stack.memory.empty()) stack.memory.resize(1);
        w.base[0] = stack.memory[0].reserve(std::max<std::size_t>(program.routines[0].frame_bytes, 64));
        w.base[1] = const_cast<uint8_t *>(program.constants.data());
        w.pool = program.pool.data();
        w.code = program.code.data();
        w.tally = tally;
        w.index = static_cast<uint32_t>(i);
        w.block = this;
        w.calls = &stack;
        w.local_stride = stride;
        w.local = stack.local.reserve(std::max<std::size_t>(std::size_t(stride) * 32, 64));
        uint32_t threads = run->threads() - static_cast<uint32_t>(i) * 32;
        w.existing = threads >= 32 ? 0xffffffffu : (1u << threads) - 1;
    }
    shadow.enabled = run->options.shared_checks && launch->shared_bytes;
    shadow.warps = static_cast<uint32_t>(count);
    if (!shadow.enabled) return;
    shadow.shift = program.shared_unit >= 4 ? 2 : program.shared_unit == 2 ? 1 : 0;
    std::size_t units = (launch->shared_bytes >> shadow.shift) + 1;
    cells.assign(units, SharedCell{});
    reads.assign(units * count, 0);
    ordered.assign(count * count, 0);
    next_stamp = 1;
}

void BlockRun::begin_shadow() {
    if (!shadow.enabled) return;
    if (next_stamp > last_stamp) {
        std::fill(cells.begin(), cells.end(), SharedCell{});
        std::fill(reads.begin(), reads.end(), 0u);
        next_stamp = 1;
    }
    shadow.first = shadow.now = next_stamp;
    shadow.cells = cells.data();
    shadow.reads = reads.data();
    shadow.ordered = ordered.data();
    std::fill(ordered.begin(), ordered.end(), shadow.first - 1);
}

void BlockRun::begin_warp(uint32_t index) {
    Warp &w = warps[index];
    CallStack &stack = stacks[index];
    const Program &program = *run->program;
    w.base[0] = stack.memory[0].data();
    std::memset(w.base[0], 0, program.routines[0].frame_bytes);
    for (const SpecialSlot &slot : program.specials) fill_special(w, slot, *run, *this);
    w.pc = program.routines[0].entry;
    w.active = w.alive = w.existing;
    w.exec = 0;
    w.stop = Stop::None;
    w.pending_count = 0;
    w.carry = 0;
    w.budget = run->options.watchdog;
    w.local_frame = 0;
    stack.frames.clear();
    stack.routine = 0;
    stack.patient = false;
    stack.copies.clear();
    std::memset(stack.committed, 0, sizeof stack.committed);
    stack.barrier = -1;
    finished[index] = false;
}

void BlockRun::begin(uint64_t linear_index) {
    linear = linear_index;
    index[0] = static_cast<uint32_t>(linear_index % launch->grid[0]);
    index[1] = static_cast<uint32_t>(linear_index / launch->grid[0] % launch->grid[1]);
    index[2] = static_cast<uint32_t>(linear_index / launch->grid[0] / launch->grid[1]);
    for (Barrier &barrier : barriers) barrier = Barrier{};
    for (uint32_t w = 0; w < warps.size(); w++) begin_warp(w);
    begin_shadow();
}

void BlockRun::run_warp(Warp &w) {
    w.stop = Stop::None;
    uint64_t share = std::min(slice, w.budget);
    run_instructions(w, share);
    if (w.stop == Stop::None) {
        if (w.budget == 0) raise(w, w.code[w.pc], __builtin_ctz(w.active), result::timeout, "the watchdog ended a warp that ran too many instructions");
        // Lanes that spin may wait for lanes held back: these go first every other time.
        CallStack &stack = *w.calls;
        stack.patient = !stack.patient && w.pending_count;
        if (stack.patient) {
            for (uint32_t i = 0; i < w.pending_count; i++) {
                if (w.pending[i].wait != Wait::None) continue;
                std::swap(w.pending[i].pc, w.pc);
                std::swap(w.pending[i].lanes, w.active);
                break;
            }
        }
    } else if (w.stop == Stop::Finished) {
        finished[w.index] = true;
        complete_barriers(*this);
    }
}

void BlockRun::report_deadlock() {
    for (const Warp &w : warps) {
        const CallStack &stack = stacks[w.index];
        if (finished[w.index] || stack.barrier < 0) continue;
        const Barrier &barrier = barriers[stack.barrier];
        throw DeviceFault{result::launch_failed, place_of(w, __builtin_ctz(w.alive), w.code[stack.barrier_pc].line) + ": barrier deadlock: " +
                                                     std::to_string(barrier.arrived * 32) + " threads arrived at barrier " + std::to_string(stack.barrier) +
                                                     " of " + std::to_string(barrier.expected * 32) + " it waits for, and no other warp can run"};
    }
    throw DeviceFault{result::launch_failed, "kernel " + run->program->name + ": deadlock"};
}

void BlockRun::execute(uint64_t linear_index) {
    begin(linear_index);
    for (;;) {
        bool ran = false, left = false;
        for (Warp &w : warps) {
            if (finished[w.index]) continue;
            left = true;
            if (stacks[w.index].barrier >= 0) continue;
            run_warp(w);
            ran = true;
        }
        if (!left) break;
        if (!ran) report_deadlock();
    }
    next_stamp = shadow.now + 1;
}

} // namespace softgpu
