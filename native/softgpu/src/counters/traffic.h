// What crosses the device's memory: distinct bytes touched, and sectors through a modelled L2.
#pragma once

#include "counters.h"

#include <cstdint>
#include <vector>

namespace softgpu {

// Set-associative cache of 128-byte lines in 32-byte sectors, least recently used out first. A write allocates without reading
// (sectors are taken as written whole); a written sector goes to memory when its line leaves.
class CacheModel {
public:
    explicit CacheModel(uint64_t bytes);
    void access(uint64_t sector, bool write, TrafficCounters &traffic);
    void flush(TrafficCounters &traffic);

private:
    struct Line {
        uint64_t tag = ~0ull, used = 0;
        uint8_t valid = 0, dirty = 0;
    };
    static constexpr uint64_t ways = 16, sectors_per_line = 4, sector_bytes = 32;
    uint64_t sets_, clock_ = 0;
    std::vector<Line> lines_;
};

// Bytes touched, one bit each, by region; kept apart for reads and writes.
class Footprint {
public:
    void mark(uint64_t region, uint64_t region_bytes, uint64_t offset, uint32_t bytes, bool write);
    void merge(const Footprint &other);
    uint64_t count(bool write) const;
    void clear() { bits_[0].clear(), bits_[1].clear(); }

private:
    std::vector<std::vector<uint64_t>> bits_[2];
};

} // namespace softgpu
