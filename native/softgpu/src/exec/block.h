// What a running thread block can see: the launch it belongs to, the memory regions, its shared memory and the shadow of it.
#pragma once

#include "warp.h"

#include <cstdint>

namespace softgpu {

struct CounterLevel {
    static constexpr int None = 0;     // instructions and lanes only
    static constexpr int Requests = 1; // and sectors, bank passes
    static constexpr int Traffic = 2;  // and distinct bytes, and the modelled L2
};

// Generic addresses of memory that is not global. Device memory lies at host address + device_offset, so a device pointer
// that host code follows by mistake is not a valid host address.
inline constexpr uint64_t device_offset = 1ull << 47;
inline constexpr uint64_t shared_window = 1ull << 48, local_window = shared_window + (1ull << 32), param_window = local_window + (1ull << 32);
inline constexpr uint64_t window_bytes = 1ull << 32;

// A range of global memory, in order of address.
struct Region {
    uint64_t address, bytes;
    uint8_t *host;
    uint8_t *defined;   // one flag per byte, where reads of undefined bytes are to be found; else null
    uint64_t footprint; // bit of the first byte in the footprint bitmaps
};

struct Worker; // the host thread: counters and traces

// One unit of shared memory: who wrote it last, and when. Time counts barriers; stamps below a block's first are from older blocks.
struct SharedCell {
    uint32_t stamp;
    uint32_t line; // of the PTX instruction that wrote it
    uint16_t writer;
    uint16_t flags;
    static constexpr uint16_t Atomic = 1, Pending = 2; // Pending: a cp.async not yet waited for
};

struct SharedShadow {
    bool enabled;
    uint32_t shift;       // log2 of the bytes of a unit
    uint32_t first;       // first stamp of this block
    uint32_t now;
    uint32_t warps;
    SharedCell *cells;
    uint32_t *reads;      // [unit][warp] stamp of the last read
    uint32_t *ordered;    // [warp][other warp]: accesses by the other up to this stamp are ordered before the warp's next
};

struct Launch {
    const Region *regions;
    uint32_t region_count;
    const uint8_t *params;
    uint32_t param_bytes;
    uint32_t grid[3], block[3];
    int counters;
    uint32_t shared_bytes; // static and dynamic
};

struct Block {
    const Launch *launch;
    Worker *worker;
    uint32_t index[3];
    uint64_t linear;
    uint8_t *shared;
    SharedShadow shadow;
    const Region **region_cache; // per instruction, the region it last touched
};

const Region *find_region(const Launch &launch, uint64_t address);

// Level Traffic: a sector touched, a range of bytes touched.
void trace_sector(Block &block, uint64_t sector, bool write);
void mark_footprint(Block &block, const Region &region, uint64_t offset, uint32_t bytes, bool write);

// cp.async: remembered until its group is waited for.
void defer_copy(Warp &warp, int lane, uint32_t shared_address, const uint8_t *source, uint32_t bytes, uint32_t copied);

// Lanes that must act together: true when all members that still live stand here; else the executing lanes wait.
bool convene(Warp &warp, const Instruction &in, uint32_t members, Wait wait);

enum class Fault : uint8_t { OutOfBounds, Misaligned, Undefined, Race, Pending };
[[noreturn]] void raise_global(Warp &warp, const Instruction &in, int lane, uint64_t address, uint32_t bytes, Fault fault);
[[noreturn]] void raise_shared(Warp &warp, const Instruction &in, int lane, uint64_t address, uint32_t bytes, Fault fault, int other_warp, uint32_t other_line);
[[noreturn]] void raise_local(Warp &warp, const Instruction &in, int lane, uint64_t address, uint32_t bytes, Fault fault);

} // namespace softgpu
