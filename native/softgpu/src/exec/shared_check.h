// Checks accesses to shared memory against its shadow: undefined reads, cp.async data read before the wait, and races, which are
// two accesses of different warps, at least one a write, with no barrier that orders them.
#pragma once

#include "block.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {

enum class Access : uint8_t { Read, Write, Atomic, AsyncWrite };

template <Access A> inline void check_shared_unit(Warp &w, const Instruction &in, int lane, uint32_t unit) {
    SharedShadow &s = w.block->shadow;
    SharedCell &cell = s.cells[unit];
    const uint32_t *ordered = s.ordered + w.index * s.warps;
    bool written = cell.stamp >= s.first;
    auto fail = [&](Fault fault, int other) {
        raise_shared(w, in, lane, uint64_t(unit) << s.shift, 1u << s.shift, fault, other, cell.line);
    };
    if (written) {
        if (cell.flags & SharedCell::Pending) {
            // the same group of copies may be issued again only over its own bytes; anything else races with it
            if (A != Access::AsyncWrite || cell.writer != w.index) fail(Fault::Pending, cell.writer);
        } else if (cell.writer != w.index && cell.stamp > ordered[cell.writer] && !(A == Access::Atomic && (cell.flags & SharedCell::Atomic))) {
            fail(Fault::Race, cell.writer);
        }
    } else if (A == Access::Read || A == Access::Atomic) {
        fail(Fault::Undefined, -1);
    }
    uint32_t *reads = s.reads + std::size_t(unit) * s.warps;
    if constexpr (A == Access::Read) {
        reads[w.index] = s.now;
        return;
    }
    uint32_t conflict = 0;
    for (uint32_t r = 0; r < s.warps; r++) conflict |= (reads[r] > ordered[r]) & (r != w.index);
    if (conflict)
        for (uint32_t r = 0; r < s.warps; r++)
            if (r != w.index && reads[r] > ordered[r]) {
                cell.line = 0;
                fail(Fault::Race, static_cast<int>(r));
            }
    cell.stamp = s.now;
    cell.line = in.line;
    cell.writer = static_cast<uint16_t>(w.index);
    cell.flags = A == Access::Atomic ? SharedCell::Atomic : A == Access::AsyncWrite ? SharedCell::Pending : 0;
}

template <Access A> inline void check_shared(Warp &w, const Instruction &in, const uint64_t *address, uint32_t exec, uint32_t bytes) {
    const SharedShadow &s = w.block->shadow;
    if (!s.enabled) return;
    for (int i = 0; i < lanes; i++) {
        if (!(exec >> i & 1)) continue;
        uint32_t first = uint32_t(address[i] >> s.shift), last = uint32_t((address[i] + bytes - 1) >> s.shift);
        for (uint32_t unit = first; unit <= last; unit++) check_shared_unit<A>(w, in, i, unit);
    }
}

} // namespace softgpu::SOFTGPU_ISA
