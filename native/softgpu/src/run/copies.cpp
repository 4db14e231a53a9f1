// cp.async groups: issued copies wait in the warp until their lane waits for them; then their bytes arrive and may be read.
#include "block_run.h"
#include "control.h"

#include <cstring>

namespace softgpu {
namespace {

void arrive(Warp &w, const DeferredCopy &copy) {
    Block &block = *w.block;
    std::memcpy(block.shared + copy.address, copy.source, copy.copied);
    std::memset(block.shared + copy.address + copy.copied, 0, copy.bytes - copy.copied);
    SharedShadow &s = block.shadow;
    if (!s.enabled) return;
    for (uint32_t unit = copy.address >> s.shift; unit <= (copy.address + copy.bytes - 1) >> s.shift; unit++) {
        SharedCell &cell = s.cells[unit];
        if (cell.writer != w.index) continue;
        cell.flags &= static_cast<uint16_t>(~SharedCell::Pending);
        cell.stamp = s.now;
    }
}

} // namespace

void defer_copy(Warp &w, int lane, uint32_t address, const uint8_t *source, uint32_t bytes, uint32_t copied) {
    w.calls->copies.push_back({lane, w.calls->committed[lane], address, bytes, copied, source});
}

namespace control {

void commit_copies(Warp &w, const Instruction &) {
    for (uint32_t lane = 0; lane < 32; lane++) w.calls->committed[lane] += w.exec >> lane & 1;
}

// immediate: groups that may stay pending; -1 waits for all, committed or not
void wait_copies(Warp &w, const Instruction &in) {
    CallStack &calls = *w.calls;
    std::size_t kept = 0;
    for (const DeferredCopy &copy : calls.copies) {
        int64_t ahead = int64_t(calls.committed[copy.lane]) - copy.group; // groups committed since, its own included
        bool done = (w.exec >> copy.lane & 1) && (in.immediate < 0 || ahead > in.immediate);
        if (done) arrive(w, copy);
        else calls.copies[kept++] = copy;
    }
    calls.copies.resize(kept);
}

} // namespace control

} // namespace softgpu
