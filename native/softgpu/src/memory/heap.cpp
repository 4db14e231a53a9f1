// Every allocation is a mapping of its own. A freed one stays reserved without access, so that its addresses are not handed out
// again and a use after free is found.
#include "heap.h"

#include <algorithm>
#include <utility>
#include <cstring>
#include <sys/mman.h>

namespace softgpu {
namespace {

constexpr uint64_t page = 4096;
constexpr std::size_t quarantine_length = 1024;

uint64_t to_pages(uint64_t bytes) { return (bytes + page - 1) / page * page; }

std::string hex(uint64_t value) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

} // namespace

Heap::~Heap() {
    clear();
    for (const Freed &freed : freed_) munmap(reinterpret_cast<void *>(freed.address - device_offset), freed.mapped);
}

uint64_t Heap::allocate(uint64_t bytes, Origin origin) {
    if (bytes == 0 || bytes > capacity_ - used_) return 0;
    uint64_t mapped = to_pages(bytes);
    void *host = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (host == MAP_FAILED) return 0;
    Allocation allocation;
    allocation.host = static_cast<uint8_t *>(host);
    allocation.address = reinterpret_cast<uint64_t>(host) + (origin == Origin::Managed ? 0 : device_offset);
    allocation.bytes = bytes;
    allocation.origin = origin;
    allocation.mapped = mapped;
    allocation.serial = ++serial_;
    if (watch_undefined_) allocation.defined = std::make_unique<uint8_t[]>(bytes);
    used_ += bytes;
    stale_ = true;
    uint64_t address = allocation.address;
    live_[address] = std::move(allocation);
    return address;
}

bool Heap::adopt(uint8_t *host, uint64_t bytes, Origin origin) {
    uint64_t address = reinterpret_cast<uint64_t>(host);
    auto next = live_.lower_bound(address);
    if (next != live_.end() && next->first < address + bytes) return false;
    if (next != live_.begin() && std::prev(next)->first + std::prev(next)->second.bytes > address) return false;
    Allocation allocation;
    allocation.host = host;
    allocation.address = address;
    allocation.bytes = bytes;
    allocation.origin = origin;
    allocation.serial = ++serial_;
    live_[address] = std::move(allocation);
    stale_ = true;
    return true;
}

void Heap::quarantine(const Allocation &allocation) {
    if (allocation.origin == Origin::Managed) {
        munmap(allocation.host, allocation.mapped);
        return;
    }
    // keeps the addresses, gives back the memory
    mmap(allocation.host, allocation.mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    freed_.push_back({allocation.address, allocation.bytes, allocation.mapped});
    if (freed_.size() > quarantine_length) {
        munmap(reinterpret_cast<void *>(freed_.front().address - device_offset), freed_.front().mapped);
        freed_.pop_front();
    }
}

bool Heap::release(uint64_t address) {
    auto found = live_.find(address);
    if (found == live_.end()) return false;
    if (found->second.mapped) {
        used_ -= found->second.bytes;
        quarantine(found->second);
    }
    live_.erase(found);
    stale_ = true;
    return true;
}

void Heap::clear() {
    while (!live_.empty()) release(live_.begin()->first);
}

const Allocation *Heap::find(uint64_t address) const {
    auto next = live_.upper_bound(address);
    if (next == live_.begin()) return nullptr;
    const Allocation &allocation = std::prev(next)->second;
    return address - allocation.address < allocation.bytes ? &allocation : nullptr;
}
Allocation *Heap::find(uint64_t address) { return const_cast<Allocation *>(std::as_const(*this).find(address)); }

uint8_t *Heap::host_pointer(uint64_t address, uint64_t bytes) {
    Allocation *allocation = find(address);
    if (!allocation || bytes > allocation->bytes - (address - allocation->address)) return nullptr;
    return allocation->host + (address - allocation->address);
}

void Heap::define(uint64_t address, uint64_t bytes) {
    Allocation *allocation = find(address);
    if (allocation && allocation->defined) std::memset(allocation->defined.get() + (address - allocation->address), 1, bytes);
}

const std::vector<Region> &Heap::regions() const {
    if (stale_) {
        regions_.clear();
        for (const auto &[address, a] : live_) regions_.push_back({address, a.bytes, a.host, a.defined.get(), regions_.size()});
        stale_ = false;
    }
    return regions_;
}

std::string Heap::describe(uint64_t address) const {
    if (const Allocation *inside = find(address)) return "inside the allocation of " + std::to_string(inside->bytes) + " bytes at " + hex(inside->address);
    for (const Freed &freed : freed_)
        if (address - freed.address < freed.bytes)
            return "inside memory already freed: the allocation of " + std::to_string(freed.bytes) + " bytes at " + hex(freed.address);
    std::string text = "no allocation is near";
    uint64_t best = 1 << 24;
    for (const auto &[start, a] : live_) {
        uint64_t past = address - (start + a.bytes), before = start - address;
        if (past < best) {
            best = past;
            text = std::to_string(past) + " bytes past the allocation of " + std::to_string(a.bytes) + " bytes at " + hex(start);
        }
        if (before < best) {
            best = before;
            text = std::to_string(before) + " bytes before the allocation of " + std::to_string(a.bytes) + " bytes at " + hex(start);
        }
    }
    return address < page ? "a null pointer or close to it" : text;
}

} // namespace softgpu
