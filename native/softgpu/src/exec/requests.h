// Counts what a memory instruction asks of the memory system: 32-byte sectors in global memory, passes over the 32 banks of
// shared memory.
#pragma once

#include "block.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {

// Lane i accesses `bytes` at first + i * bytes, all lanes taking part.
inline bool contiguous(const uint64_t *address, uint32_t bytes, uint32_t exec) {
    if (exec != all_lanes) return false;
    uint64_t difference = 0;
    for (int i = 0; i < lanes; i++) difference |= address[i] ^ (address[0] + uint64_t(i) * bytes);
    return difference == 0;
}

struct UniqueSectors {
    uint64_t table[64];
    uint64_t list[lanes];
    int count = 0;
    UniqueSectors() { __builtin_memset(table, 0xff, sizeof table); }
    void add(uint64_t sector) {
        for (uint64_t at = (sector * 0x9e3779b97f4a7c15ull) >> 58;; at = (at + 1) & 63) {
            if (table[at] == sector) return;
            if (table[at] == ~0ull) {
                table[at] = sector;
                list[count++] = sector;
                return;
            }
        }
    }
};

inline void count_global(Warp &w, const Instruction &in, const uint64_t *address, uint32_t exec, uint32_t bytes, bool write, const Region *region) {
    int level = w.block->launch->counters;
    Tally &tally = w.tally[&in - w.code];
    tally.bytes += uint64_t(std::popcount(exec)) * bytes;
    if (level < CounterLevel::Requests) return;
    if (contiguous(address, bytes, exec)) {
        uint64_t first = address[0] >> 5, last = (address[0] + uint64_t(bytes) * lanes - 1) >> 5;
        tally.sectors += last - first + 1;
        if (level < CounterLevel::Traffic) return;
        for (uint64_t s = first; s <= last; s++) trace_sector(*w.block, s, write);
        if (region) {
            mark_footprint(*w.block, *region, address[0] - region->address, bytes * lanes, write);
            return;
        }
    } else {
        UniqueSectors unique;
        for (int i = 0; i < lanes; i++)
            if (exec >> i & 1) unique.add(address[i] >> 5);
        tally.sectors += unique.count;
        if (level < CounterLevel::Traffic) return;
        for (int s = 0; s < unique.count; s++) trace_sector(*w.block, unique.list[s], write);
    }
    for (int i = 0; i < lanes; i++) {
        if (!(exec >> i & 1)) continue;
        const Region *own = region ? region : find_region(*w.block->launch, address[i]);
        mark_footprint(*w.block, *own, address[i] - own->address, bytes, write);
    }
}

// Lanes are served together as far as their words fit 128 bytes: all 32 for words, 16 for 8-byte accesses, 8 for 16-byte ones.
// Each bank delivers one word per pass; lanes that want the same word share it.
inline void count_shared(Warp &w, const Instruction &in, const uint64_t *address, uint32_t exec, uint32_t bytes) {
    Tally &tally = w.tally[&in - w.code];
    tally.shared_bytes += uint64_t(std::popcount(exec)) * bytes;
    if (w.block->launch->counters < CounterLevel::Requests) return;
    int together = bytes <= 4 ? 32 : bytes <= 8 ? 16 : 8;
    if (contiguous(address, bytes, exec) && (bytes >= 4 || (address[0] & 3) == 0)) {
        tally.wavefronts += lanes / together;
        tally.ideal += lanes / together;
        return;
    }
    uint32_t words = bytes < 4 ? 1 : bytes / 4;
    for (int first = 0; first < lanes; first += together) {
        uint32_t seen[32][32], depth[32] = {}, passes = 0;
        for (int i = first; i < first + together; i++) {
            if (!(exec >> i & 1)) continue;
            for (uint32_t k = 0; k < words; k++) {
                uint32_t word = uint32_t(address[i] >> 2) + k, bank = word & 31, d = 0;
                while (d < depth[bank] && seen[bank][d] != word) d++;
                if (d < depth[bank]) continue;
                seen[bank][depth[bank]++] = word;
                if (depth[bank] > passes) passes = depth[bank];
            }
        }
        if (!passes) continue;
        tally.wavefronts += passes;
        tally.ideal++;
    }
}

} // namespace softgpu::SOFTGPU_ISA
