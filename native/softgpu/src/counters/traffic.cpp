// The modelled L2 and the footprint bitmaps.
#include "traffic.h"

#include <algorithm>
#include <bit>

namespace softgpu {

CacheModel::CacheModel(uint64_t bytes)
    : sets_(std::max<uint64_t>(1, bytes / (ways * sectors_per_line * sector_bytes))), lines_(sets_ * ways) {}

void CacheModel::access(uint64_t sector, bool write, TrafficCounters &traffic) {
    uint64_t tag = sector / sectors_per_line;
    uint8_t bit = static_cast<uint8_t>(1u << (sector % sectors_per_line));
    Line *set = &lines_[tag % sets_ * ways], *line = set;
    (write ? traffic.l2_writes : traffic.l2_reads)++;
    for (uint64_t w = 0; w < ways; w++) {
        if (set[w].tag == tag) {
            line = &set[w];
            break;
        }
        if (set[w].used < line->used) line = &set[w];
    }
    if (line->tag != tag) {
        traffic.dram_written += sector_bytes * static_cast<uint64_t>(std::popcount(line->dirty));
        *line = Line{tag, 0, 0, 0};
    }
    line->used = ++clock_;
    if (!write && !(line->valid & bit)) traffic.dram_read += sector_bytes;
    line->valid |= bit;
    if (write) line->dirty |= bit;
}

void CacheModel::flush(TrafficCounters &traffic) {
    for (Line &line : lines_) {
        traffic.dram_written += sector_bytes * static_cast<uint64_t>(std::popcount(line.dirty));
        line.dirty = 0;
    }
}

void Footprint::mark(uint64_t region, uint64_t region_bytes, uint64_t offset, uint32_t bytes, bool write) {
    auto &all = bits_[write];
    if (all.size() <= region) all.resize(region + 1);
    auto &bits = all[region];
    if (bits.empty()) bits.resize(region_bytes / 64 + 1, 0);
    for (uint64_t at = offset, end = offset + bytes; at < end;) {
        uint64_t in_word = std::min<uint64_t>(64 - at % 64, end - at);
        bits[at / 64] |= (in_word == 64 ? ~0ull : (1ull << in_word) - 1) << (at % 64);
        at += in_word;
    }
}

void Footprint::merge(const Footprint &other) {
    for (int side = 0; side < 2; side++) {
        bits_[side].resize(std::max(bits_[side].size(), other.bits_[side].size()));
        for (std::size_t r = 0; r < other.bits_[side].size(); r++) {
            const auto &from = other.bits_[side][r];
            auto &to = bits_[side][r];
            to.resize(std::max(to.size(), from.size()), 0);
            for (std::size_t i = 0; i < from.size(); i++) to[i] |= from[i];
        }
    }
}

uint64_t Footprint::count(bool write) const {
    uint64_t total = 0;
    for (const auto &bits : bits_[write])
        for (uint64_t word : bits) total += static_cast<uint64_t>(std::popcount(word));
    return total;
}

} // namespace softgpu
