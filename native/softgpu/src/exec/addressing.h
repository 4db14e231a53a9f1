// From the addresses of a memory instruction to host pointers, lane by lane, with every check on the way.
#pragma once

#include "requests.h"
#include "shared_check.h"

namespace softgpu::SOFTGPU_ISA {

struct Lanes {
    uint64_t address[lanes];
    uint8_t *host[lanes];
};

// The address operand is 64-bit, or 32-bit where detail says so; a displacement is added to either.
inline constexpr uint8_t address_is_32_bit = 1;
inline constexpr uint8_t access_is_strong = 2; // .relaxed, .acquire, .release: meant to meet other threads' accesses

inline void read_addresses(Warp &w, const Instruction &in, uint64_t *address) {
    if (in.detail & address_is_32_bit) {
        const uint32_t *a = lanes_at<uint32_t>(w, in.operand[0]);
        for (int i = 0; i < lanes; i++) address[i] = uint32_t(a[i] + uint32_t(in.immediate));
    } else {
        const uint64_t *a = lanes_at<uint64_t>(w, in.operand[0]);
        for (int i = 0; i < lanes; i++) address[i] = a[i] + uint64_t(in.immediate);
    }
}

struct Extent {
    uint64_t low = ~0ull, high = 0, bits = 0;
    Extent(const uint64_t *address, uint32_t exec) {
        for (int i = 0; i < lanes; i++) {
            bool on = exec >> i & 1;
            uint64_t a = address[i];
            low = on && a < low ? a : low;
            high = on && a > high ? a : high;
            bits |= on ? a : 0;
        }
    }
};

template <class F> inline int first_lane(uint32_t exec, F f) {
    for (int i = 0; i < lanes; i++)
        if ((exec >> i & 1) && f(i)) return i;
    return 0;
}

template <Access A> inline void resolve_global(Warp &w, const Instruction &in, Lanes &at, uint32_t exec, uint32_t bytes) {
    Extent extent(at.address, exec);
    if (extent.bits & (bytes - 1)) {
        int lane = first_lane(exec, [&](int i) { return at.address[i] & (bytes - 1); });
        raise_global(w, in, lane, at.address[lane], bytes, Fault::Misaligned);
    }
    Block &block = *w.block;
    const Region *&cached = block.region_cache[&in - w.code];
    auto holds = [&](const Region *r) {
        return r && extent.low - r->address < r->bytes && extent.high - r->address < r->bytes && extent.high - r->address + bytes <= r->bytes;
    };
    if (!holds(cached)) {
        const Region *found = find_region(*block.launch, extent.low);
        if (found) cached = found;
    }
    const Region *region = holds(cached) ? cached : nullptr;
    if (region) {
        uint64_t shift = reinterpret_cast<uint64_t>(region->host) - region->address;
        for (int i = 0; i < lanes; i++) at.host[i] = reinterpret_cast<uint8_t *>(at.address[i] + shift);
    } else {
        for (int i = 0; i < lanes; i++) {
            if (!(exec >> i & 1)) continue;
            const Region *own = find_region(*block.launch, at.address[i]);
            if (!own || at.address[i] - own->address + bytes > own->bytes) raise_global(w, in, i, at.address[i], bytes, Fault::OutOfBounds);
            at.host[i] = own->host + (at.address[i] - own->address);
        }
    }
    if (cached && cached->defined) {
        for (int i = 0; i < lanes; i++) {
            if (!(exec >> i & 1)) continue;
            const Region *own = region ? region : find_region(*block.launch, at.address[i]);
            if (!own->defined) continue;
            uint8_t *flags = own->defined + (at.address[i] - own->address);
            for (uint32_t k = 0; k < bytes; k++) {
                if (A != Access::Write && !__atomic_load_n(flags + k, __ATOMIC_RELAXED)) raise_global(w, in, i, at.address[i], bytes, Fault::Undefined);
                if (A != Access::Read) __atomic_store_n(flags + k, 1, __ATOMIC_RELAXED);
            }
        }
    }
    count_global(w, in, at.address, exec, bytes, A != Access::Read, region);
}

template <Access A> inline void resolve_shared(Warp &w, const Instruction &in, Lanes &at, uint32_t exec, uint32_t bytes) {
    Extent extent(at.address, exec);
    uint64_t size = w.block->launch->shared_bytes;
    if (extent.bits & (bytes - 1)) {
        int lane = first_lane(exec, [&](int i) { return at.address[i] & (bytes - 1); });
        raise_shared(w, in, lane, at.address[lane], bytes, Fault::Misaligned, -1, 0);
    }
    auto outside = [&](uint64_t address) { return address > size || bytes > size - address; }; // an address below 0 is one near 2^64
    if (exec && outside(extent.high)) {
        int lane = first_lane(exec, [&](int i) { return outside(at.address[i]); });
        raise_shared(w, in, lane, at.address[lane], bytes, Fault::OutOfBounds, -1, 0);
    }
    for (int i = 0; i < lanes; i++) at.host[i] = w.block->shared + at.address[i];
    if (A != Access::Atomic && in.detail & access_is_strong) check_shared<Access::Atomic>(w, in, at.address, exec, bytes);
    else check_shared<A>(w, in, at.address, exec, bytes);
    count_shared(w, in, at.address, exec, bytes);
}

inline void resolve_local(Warp &w, const Instruction &in, Lanes &at, uint32_t exec, uint32_t bytes) {
    for (int i = 0; i < lanes; i++) {
        if (!(exec >> i & 1)) continue;
        if (at.address[i] & (bytes - 1)) raise_local(w, in, i, at.address[i], bytes, Fault::Misaligned);
        if (at.address[i] >= w.local_stride || at.address[i] + bytes > w.local_stride) raise_local(w, in, i, at.address[i], bytes, Fault::OutOfBounds);
        at.host[i] = w.local + std::size_t(i) * w.local_stride + at.address[i];
    }
}

inline void resolve_params(Warp &w, const Instruction &in, Lanes &at, uint32_t exec, uint32_t bytes) {
    const Launch &launch = *w.block->launch;
    for (int i = 0; i < lanes; i++) {
        if (!(exec >> i & 1)) continue;
        if (at.address[i] >= launch.param_bytes || at.address[i] + bytes > launch.param_bytes) raise(w, in, i, 719, "a read beyond the kernel's parameters");
        at.host[i] = const_cast<uint8_t *>(launch.params) + at.address[i];
    }
}

// Calls body(host pointers, executing lanes) once for each kind of memory that the addresses name.
template <AccessSpace Space, Access A, class F> inline void with_memory(Warp &w, const Instruction &in, uint32_t bytes, F body) {
    Lanes at;
    if constexpr (Space == AccessSpace::Param) { // a routine's own parameters and results, lane by lane in its frame
        uint8_t *frame = lanes_at<uint8_t>(w, in.operand[0]);
        for (int i = 0; i < lanes; i++) at.host[i] = frame + std::size_t(i) * uint32_t(in.target) + in.immediate;
        body(at, w.exec);
        return;
    }
    read_addresses(w, in, at.address);
    if constexpr (Space == AccessSpace::Global) {
        resolve_global<A>(w, in, at, w.exec, bytes);
        body(at, w.exec);
    } else if constexpr (Space == AccessSpace::Shared) {
        resolve_shared<A>(w, in, at, w.exec, bytes);
        body(at, w.exec);
    } else if constexpr (Space == AccessSpace::Local) {
        resolve_local(w, in, at, w.exec, bytes);
        body(at, w.exec);
    } else if constexpr (Space == AccessSpace::KernelParam) {
        resolve_params(w, in, at, w.exec, bytes);
        body(at, w.exec);
    } else {
        uint32_t in_shared = 0, in_local = 0, in_params = 0;
        for (int i = 0; i < lanes; i++) {
            in_shared |= uint32_t(at.address[i] - shared_window < window_bytes) << i;
            in_local |= uint32_t(at.address[i] - local_window < window_bytes) << i;
            in_params |= uint32_t(at.address[i] - param_window < window_bytes) << i;
        }
        uint32_t exec = w.exec;
        auto rebase = [&](uint64_t window, uint32_t which) {
            for (int i = 0; i < lanes; i++) at.address[i] -= which >> i & 1 ? window : 0;
        };
        if (uint32_t m = exec & ~(in_shared | in_local | in_params)) {
            resolve_global<A>(w, in, at, m, bytes);
            body(at, m);
        }
        if (uint32_t m = exec & in_shared) {
            rebase(shared_window, m);
            resolve_shared<A>(w, in, at, m, bytes);
            body(at, m);
        }
        if (uint32_t m = exec & in_local) {
            rebase(local_window, m);
            resolve_local(w, in, at, m, bytes);
            body(at, m);
        }
        if (uint32_t m = exec & in_params) {
            rebase(param_window, m);
            if (A != Access::Read) raise(w, in, std::countr_zero(m), 700, "a store to kernel parameters");
            resolve_params(w, in, at, m, bytes);
            body(at, m);
        }
    }
}

} // namespace softgpu::SOFTGPU_ISA
