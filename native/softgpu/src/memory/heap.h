// The global memory of one device: allocations, the quarantine of freed ones, and host memory the device may reach.
#pragma once

#include "../exec/block.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace softgpu {

enum class Origin : uint8_t { Device, Module, Pinned, Registered, Managed };

struct Allocation {
    uint64_t address = 0, bytes = 0;
    uint8_t *host = nullptr;
    Origin origin = Origin::Device;
    uint64_t mapped = 0; // bytes of the mapping behind it, 0 where the memory is not ours
    uint64_t serial = 0; // of the allocation, for pointer attributes
    std::unique_ptr<uint8_t[]> defined; // one flag a byte, where reads of undefined bytes are looked for
};

class Heap {
public:
    Heap(uint64_t capacity, bool watch_undefined) : capacity_(capacity), watch_undefined_(watch_undefined) {}
    ~Heap();
    Heap(const Heap &) = delete;
    Heap &operator=(const Heap &) = delete;

    // The address, or 0 when the device's memory does not suffice.
    uint64_t allocate(uint64_t bytes, Origin origin);
    // Host memory under its own address. The caller keeps owning it.
    bool adopt(uint8_t *host, uint64_t bytes, Origin origin);
    bool release(uint64_t address);  // false if no allocation starts there
    const Allocation *find(uint64_t address) const; // that holds the address
    Allocation *find(uint64_t address);
    uint8_t *host_pointer(uint64_t address, uint64_t bytes); // null unless one allocation holds the whole range
    void define(uint64_t address, uint64_t bytes);

    uint64_t capacity() const { return capacity_; }
    uint64_t used() const { return used_; }
    void clear();

    const std::vector<Region> &regions() const; // sorted by address; valid until the next change
    std::string describe(uint64_t address) const; // where it lies relative to what is or was allocated

private:
    struct Freed {
        uint64_t address, bytes, mapped;
    };
    void quarantine(const Allocation &allocation);

    uint64_t capacity_, used_ = 0, serial_ = 0;
    bool watch_undefined_;
    std::map<uint64_t, Allocation> live_;
    std::deque<Freed> freed_;
    mutable std::vector<Region> regions_;
    mutable bool stale_ = true;
};

} // namespace softgpu
