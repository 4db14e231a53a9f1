// Branches, joins, calls and returns.
#include "control.h"

#include "block_run.h"
#include "built_in.h"
#include "fault.h"
#include "launch.h"

#include <cstring>

namespace softgpu::control {
namespace {

void remember(Warp &w, uint32_t pc, uint32_t lanes, Wait wait = Wait::None, uint32_t members = 0) {
    w.pending[w.pending_count++] = {pc, lanes, wait, members};
}
void forget(Warp &w, uint32_t index) { w.pending[index] = w.pending[--w.pending_count]; }

// Whether the lanes a group waits for have all come, some of them perhaps by leaving the kernel.
bool may_wake(const Warp &w, const Group &group) {
    uint32_t here = group.lanes;
    if (group.wait == Wait::WarpSync)
        for (uint32_t i = 0; i < w.pending_count; i++)
            if (w.pending[i].wait == Wait::WarpSync && w.pending[i].members == group.members) here |= w.pending[i].lanes;
    return !(group.members & w.alive & ~here);
}

bool wake_one(Warp &w) {
    for (uint32_t i = 0; i < w.pending_count; i++)
        if (w.pending[i].wait != Wait::None && may_wake(w, w.pending[i])) {
            w.pending[i].wait = Wait::None;
            return true;
        }
    return false;
}

void merge_here(Warp &w) {
    for (uint32_t i = 0; i < w.pending_count;) {
        if (w.pending[i].pc == w.pc) {
            w.active |= w.pending[i].lanes;
            forget(w, i);
        } else {
            i++;
        }
    }
}

void return_to_caller(Warp &w) {
    CallStack &calls = *w.calls;
    SavedFrame &frame = calls.frames.back();
    const CalledRoutine &routine = block_of(w).run->program->routines[calls.routine];
    uint32_t back = frame.lanes & w.alive;
    for (std::size_t r = 0; r < frame.site->results.size() && r < routine.results.size(); r++) {
        const LaneArea &from = routine.results[r], &to = frame.site->results[r];
        for (uint32_t lane = 0; lane < 32; lane++)
            if (back >> lane & 1)
                std::memcpy(frame.registers + to.offset + lane * to.stride, w.base[0] + from.offset + lane * from.stride, std::min(from.bytes, to.bytes));
    }
    w.base[0] = frame.registers;
    w.pc = frame.pc;
    w.active = frame.active & w.alive;
    w.local_frame = frame.local_frame;
    w.pending_count = 0;
    for (uint32_t i = 0; i < frame.pending_count; i++) {
        Group group = frame.pending[i];
        group.lanes &= w.alive;
        if (group.lanes) w.pending[w.pending_count++] = group;
    }
    calls.routine = frame.routine;
    calls.frames.pop_back();
}

} // namespace

void settle(Warp &w) {
    for (;;) {
        if (w.active == 0 && w.pending_count == 0) { // all lanes of this frame are done
            if (!w.calls->frames.empty()) {
                return_to_caller(w);
                continue;
            }
            w.stop = Stop::Finished;
            return;
        }
        int lowest = -1;
        for (uint32_t i = 0; i < w.pending_count; i++)
            if (w.pending[i].wait == Wait::None && (lowest < 0 || w.pending[i].pc < w.pending[lowest].pc)) lowest = static_cast<int>(i);
        if (w.active == 0) {
            if (lowest < 0) {
                if (wake_one(w)) continue;
                const Group &group = w.pending[0];
                uint32_t missing = group.members & w.alive & ~group.lanes;
                raise(w, w.code[group.pc], __builtin_ctz(group.lanes), result::launch_failed,
                      (std::string("deadlock in the warp: lane ") + std::to_string(__builtin_ctz(missing)) +
                       " never reaches the instruction that waits for it, or waits elsewhere").c_str());
            }
            w.pc = w.pending[lowest].pc;
            w.active = w.pending[lowest].lanes;
            forget(w, static_cast<uint32_t>(lowest));
        } else if (lowest >= 0 && w.pending[lowest].pc < w.pc && !w.calls->patient) {
            Group next = w.pending[lowest];
            w.pending[lowest] = {w.pc, w.active, Wait::None, 0};
            w.pc = next.pc;
            w.active = next.lanes;
        }
        merge_here(w);
        return;
    }
}

void branch(Warp &w, const Instruction &in) {
    uint32_t taken = in.guard == no_operand ? w.active : w.exec;
    if (taken == w.active) {
        w.pc = in.target;
    } else if (taken) {
        w.tally[&in - w.code].divergent++;
        remember(w, w.pc, w.active & ~taken);
        w.active = taken;
        w.pc = in.target;
    }
    if (w.pending_count) settle(w);
}

void branch_indexed(Warp &w, const Instruction &in) {
    const uint32_t *index = reinterpret_cast<const uint32_t *>(w.base[in.operand[1] >> 31] + (in.operand[1] & 0x7fffffffu));
    uint32_t left = w.active, groups = 0;
    while (left) {
        uint32_t choice = index[__builtin_ctz(left)], same = 0;
        if (choice >= static_cast<uint64_t>(in.immediate)) raise(w, in, __builtin_ctz(left), result::launch_failed, "brx.idx with an index beyond its targets");
        for (uint32_t lane = 0; lane < 32; lane++) same |= uint32_t((left >> lane & 1) && index[lane] == choice) << lane;
        remember(w, w.pool[in.pool + choice], same);
        left &= ~same;
        groups++;
    }
    if (groups > 1) w.tally[&in - w.code].divergent++;
    w.active = 0;
    settle(w);
}

void join(Warp &w, const Instruction &in) {
    if (!w.pending_count) return;
    uint32_t here = static_cast<uint32_t>(&in - w.code);
    w.pc = here;
    settle(w);
    if (w.pc == here) w.pc = here + 1;
}

void leave_routine(Warp &w, const Instruction &in) {
    if (w.calls->frames.empty()) return leave_kernel(w, in);
    w.active &= ~w.exec;
    if (!w.active || w.pending_count) settle(w);
}

void leave_kernel(Warp &w, const Instruction &) {
    w.alive &= ~w.exec;
    w.active &= ~w.exec;
    if (!w.active || w.pending_count) settle(w);
}

void trap(Warp &w, const Instruction &in) { raise(w, in, __builtin_ctz(w.exec), result::launch_failed, "trap"); }

void active_mask(Warp &w, const Instruction &in) {
    uint32_t *d = reinterpret_cast<uint32_t *>(w.base[0] + in.operand[0]);
    for (uint32_t lane = 0; lane < 32; lane++)
        if (w.exec >> lane & 1) d[lane] = w.exec;
}

void nothing(Warp &, const Instruction &) {}

void call(Warp &w, const Instruction &in) {
    BlockRun &block = block_of(w);
    const Program &program = *block.run->program;
    const CallSite &site = program.calls[in.target];
    uint32_t lanes = w.exec;
    int32_t index = site.routine;
    if (index < 0) { // through a pointer: those lanes first that go where the first goes
        const uint64_t *to = reinterpret_cast<const uint64_t *>(w.base[site.operand >> 31] + (site.operand & 0x7fffffffu));
        uint64_t target = to[__builtin_ctz(lanes)];
        if ((target & ~0xffffull) != function_address || (target & 0xffff) >= program.routines.size())
            raise(w, in, __builtin_ctz(lanes), result::launch_failed, "a call through a pointer that is no function");
        uint32_t same = 0;
        for (uint32_t lane = 0; lane < 32; lane++) same |= uint32_t((lanes >> lane & 1) && to[lane] == target) << lane;
        if (same != lanes) remember(w, static_cast<uint32_t>(&in - w.code), lanes & ~same);
        w.active &= ~(lanes & ~same);
        lanes = same;
        index = static_cast<int32_t>(target & 0xffff);
    }
    const CalledRoutine &routine = program.routines[static_cast<std::size_t>(index)];
    if (routine.built_in != BuiltIn::None) {
        uint32_t whole = w.exec;
        w.exec = lanes;
        call_built_in(w, in, routine.built_in, site);
        w.exec = whole;
        return;
    }
    CallStack &calls = *w.calls;
    constexpr std::size_t deepest = 256;
    if (calls.frames.size() >= deepest) raise(w, in, __builtin_ctz(lanes), result::launch_failed, "calls nested too deeply");
    if (uint32_t others = w.active & ~lanes) remember(w, w.pc, others);
    uint32_t caller_local = w.local_frame + program.routines[calls.routine].local_bytes;
    if (caller_local + routine.local_bytes > w.local_stride) raise(w, in, __builtin_ctz(lanes), result::launch_failed, "the stack of local memory is full");
    SavedFrame saved{w.base[0], w.pc, lanes, w.pending_count, w.local_frame, calls.routine, {}, &site, lanes};
    std::copy(w.pending, w.pending + w.pending_count, saved.pending);
    calls.frames.push_back(saved);
    if (calls.memory.size() <= calls.frames.size()) calls.memory.resize(calls.frames.size() + 1);
    uint8_t *registers = calls.memory[calls.frames.size()].reserve(routine.frame_bytes);
    std::memset(registers, 0, routine.frame_bytes);
    std::memcpy(registers, w.base[0], program.special_bytes); // they lie at the start of every frame
    for (std::size_t a = 0; a < routine.parameters.size() && a < site.arguments.size(); a++) {
        const LaneArea &from = site.arguments[a], &to = routine.parameters[a];
        for (uint32_t lane = 0; lane < 32; lane++)
            if (lanes >> lane & 1)
                std::memcpy(registers + to.offset + lane * to.stride, w.base[0] + from.offset + lane * from.stride, std::min(from.bytes, to.bytes));
    }
    w.base[0] = registers;
    w.local_frame = caller_local;
    w.active = lanes;
    w.pending_count = 0;
    w.pc = routine.entry;
    calls.routine = static_cast<uint32_t>(index);
}

void read_clock(Warp &w, const Instruction &in) {
    Special which = static_cast<Special>(in.mode);
    // Time is counted in instructions of the warp, so that it is the same in every run.
    uint64_t now = block_of(w).run->options.watchdog - w.budget;
    bool high = which == Special::ClockHi || which == Special::GlobalTimerHi;
    bool wide = which == Special::Clock64 || which == Special::GlobalTimer;
    for (uint32_t lane = 0; lane < 32; lane++) {
        if (!(w.exec >> lane & 1)) continue;
        if (wide) reinterpret_cast<uint64_t *>(w.base[0] + in.operand[0])[lane] = now;
        else reinterpret_cast<uint32_t *>(w.base[0] + in.operand[0])[lane] = static_cast<uint32_t>(high ? now >> 32 : now);
    }
}

void local_address(Warp &w, const Instruction &in) {
    uint64_t address = w.local_frame + static_cast<uint64_t>(in.immediate);
    for (uint32_t lane = 0; lane < 32; lane++) {
        if (!(w.exec >> lane & 1)) continue;
        if (in.width == 8) reinterpret_cast<uint64_t *>(w.base[0] + in.operand[0])[lane] = address;
        else reinterpret_cast<uint32_t *>(w.base[0] + in.operand[0])[lane] = static_cast<uint32_t>(address);
    }
}

} // namespace softgpu::control

namespace softgpu {

bool convene(Warp &w, const Instruction &in, uint32_t members, Wait wait) {
    uint32_t missing = members & w.alive & ~w.exec;
    if (!missing) return true;
    if (wait == Wait::WarpSync) { // the others may have arrived at another instruction
        uint32_t waiting = 0;
        for (uint32_t i = 0; i < w.pending_count; i++)
            if (w.pending[i].wait == Wait::WarpSync && w.pending[i].members == members) waiting |= w.pending[i].lanes;
        if (!(missing & ~waiting)) {
            for (uint32_t i = 0; i < w.pending_count; i++)
                if (w.pending[i].wait == Wait::WarpSync && w.pending[i].members == members) {
                    w.pending[i].wait = Wait::None;
                    w.pending[i].pc++;
                }
            control::settle(w);
            return true;
        }
    }
    uint32_t here = static_cast<uint32_t>(&in - w.code);
    for (uint32_t i = 0; i < w.pending_count; i++)
        if (w.pending[i].pc == here) { // others stand here already: execute it again together
            w.active |= w.pending[i].lanes;
            w.pending[i] = w.pending[--w.pending_count];
            w.pc = here;
            return false;
        }
    w.pending[w.pending_count++] = {here, w.exec, wait, members};
    w.active &= ~w.exec;
    w.calls->patient = false; // whoever is waited for must get its turn
    control::settle(w);
    return false;
}

namespace control {
void warp_barrier(Warp &w, const Instruction &in) {
    uint32_t members = reinterpret_cast<const uint32_t *>(w.base[in.operand[4] >> 31] + (in.operand[4] & 0x7fffffffu))[__builtin_ctz(w.exec)];
    convene(w, in, members, Wait::WarpSync);
}
} // namespace control

} // namespace softgpu
