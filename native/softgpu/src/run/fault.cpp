// Texts of faults: where it happened, what was done, and what lies near the address.
#include "fault.h"

#include "block_run.h"
#include "launch.h"

#include <cstdio>

namespace softgpu {
namespace {

std::string triple(uint32_t x, uint32_t y, uint32_t z) {
    return "(" + std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + ")";
}

std::string hex(uint64_t value) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

const char *verb(Kind kind) {
    switch (kind) {
    case Kind::StoreGlobal: case Kind::StoreShared: case Kind::StoreLocal: return "store";
    case Kind::Atomic: return "atomic";
    case Kind::AsyncCopy: return "cp.async";
    default: return "load";
    }
}

[[noreturn]] void fail(Warp &w, const Instruction &in, int lane, int code, const std::string &what) {
    const std::string &statement = block_of(w).run->program->texts[static_cast<std::size_t>(&in - w.code)];
    throw DeviceFault{code, place_of(w, lane, in.line) + ": " + what + "\n  " + statement};
}

} // namespace

std::string place_of(const Warp &w, int lane, uint32_t line) {
    const LaunchRun &run = *static_cast<const BlockRun &>(*w.block).run;
    const uint32_t *size = run.launch.block, thread = w.index * 32 + static_cast<uint32_t>(lane);
    return "kernel " + run.program->name + ", block " + triple(w.block->index[0], w.block->index[1], w.block->index[2]) + ", thread " +
           triple(thread % size[0], thread / size[0] % size[1], thread / (size[0] * size[1])) + ", PTX line " + std::to_string(line);
}

void raise(Warp &w, const Instruction &in, int lane, int code, const char *what) { fail(w, in, lane, code, what); }

void raise_global(Warp &w, const Instruction &in, int lane, uint64_t address, uint32_t bytes, Fault fault) {
    const Heap &heap = *block_of(w).run->heap;
    std::string access = std::string("global ") + verb(in.kind) + " of " + std::to_string(bytes) + " bytes at " + hex(address);
    const Allocation *inside = heap.find(address);
    switch (fault) {
    case Fault::Misaligned: fail(w, in, lane, result::misaligned_address, "misaligned " + access);
    case Fault::Undefined: fail(w, in, lane, result::launch_failed, access + " reads memory that was never written, " + heap.describe(address));
    default: break;
    }
    if (inside)
        fail(w, in, lane, result::illegal_address,
             "out-of-bounds " + access + ", " + std::to_string(address + bytes - inside->address - inside->bytes) + " bytes past the end of the allocation of " +
                 std::to_string(inside->bytes) + " bytes at " + hex(inside->address));
    fail(w, in, lane, result::illegal_address, "out-of-bounds " + access + ", " + heap.describe(address));
}

void raise_shared(Warp &w, const Instruction &in, int lane, uint64_t address, uint32_t bytes, Fault fault, int other_warp, uint32_t other_line) {
    std::string access = std::string("shared ") + verb(in.kind) + " of " + std::to_string(bytes) + " bytes at offset " + hex(address);
    std::string other = "warp " + std::to_string(other_warp);
    switch (fault) {
    case Fault::Misaligned: fail(w, in, lane, result::misaligned_address, "misaligned " + access);
    case Fault::OutOfBounds:
        fail(w, in, lane, result::illegal_address, "out-of-bounds " + access + ": the block has " + std::to_string(w.block->launch->shared_bytes) + " bytes of shared memory");
    case Fault::Undefined: fail(w, in, lane, result::launch_failed, access + " reads memory that the block never wrote");
    case Fault::Pending:
        fail(w, in, lane, result::launch_failed, access + " meets a cp.async of " + other + " (PTX line " + std::to_string(other_line) + ") that was not waited for");
    case Fault::Race:
        fail(w, in, lane, result::launch_failed, "shared-memory race: " + access + "; " + other +
             (other_line ? " wrote it at PTX line " + std::to_string(other_line) : std::string(" read it")) + " with no barrier in between");
    }
    fail(w, in, lane, result::launch_failed, access);
}

void raise_local(Warp &w, const Instruction &in, int lane, uint64_t address, uint32_t bytes, Fault fault) {
    std::string access = std::string("local ") + verb(in.kind) + " of " + std::to_string(bytes) + " bytes at offset " + hex(address);
    if (fault == Fault::Misaligned) fail(w, in, lane, result::misaligned_address, "misaligned " + access);
    fail(w, in, lane, result::illegal_address, "out-of-bounds " + access + ": a thread has " + std::to_string(w.local_stride) + " bytes");
}

} // namespace softgpu
