// Allocation of device, managed and pinned host memory, and what a pointer is.
#include "driver.h"

#include <cstdlib>

using namespace softgpu;

namespace {

uint64_t allocate(Context &context, std::size_t bytes, Origin origin) {
    if (bytes == 0) fail(CUDA_ERROR_INVALID_VALUE, "an allocation of 0 bytes");
    Heap &heap = *context.device->heap;
    uint64_t address = heap.allocate(bytes, origin);
    if (!address)
        fail(CUDA_ERROR_OUT_OF_MEMORY, std::to_string(bytes) + " bytes asked for, " + std::to_string(heap.capacity() - heap.used()) + " of " +
                                           std::to_string(heap.capacity()) + " are free");
    return address;
}

void adopt_everywhere(void *host, std::size_t bytes, Origin origin) {
    for (auto &device : driver().devices)
        if (!device->heap->adopt(static_cast<uint8_t *>(host), bytes, origin)) fail(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "the range overlaps known memory");
}
void release_everywhere(void *host) {
    for (auto &device : driver().devices) device->heap->release(reinterpret_cast<uint64_t>(host));
}

void *allocate_host(std::size_t bytes) {
    current_context();
    if (bytes == 0) fail(CUDA_ERROR_INVALID_VALUE, "an allocation of 0 bytes");
    void *host = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!host) throw std::bad_alloc();
    adopt_everywhere(host, bytes, Origin::Pinned);
    driver().pinned[host] = bytes;
    return host;
}

void free_device(CUdeviceptr address) {
    if (!address) return;
    Heap &heap = *current_context().device->heap;
    const Allocation *allocation = heap.find(address);
    if (!allocation || allocation->address != address || (allocation->origin != Origin::Device && allocation->origin != Origin::Managed))
        fail(CUDA_ERROR_INVALID_VALUE, "no allocation starts at the address: it is " + heap.describe(address));
    heap.release(address);
}

void read_attribute(void *value, int which, CUdeviceptr address) {
    Context &context = current_context();
    const Allocation *a = context.device->heap->find(address);
    if (!a) fail(CUDA_ERROR_INVALID_VALUE, "not an address the device knows: it is " + context.device->heap->describe(address));
    bool host = a->origin == Origin::Pinned || a->origin == Origin::Registered;
    if (!value) fail(CUDA_ERROR_INVALID_VALUE, "value is null");
    auto put = [&](auto v) { *static_cast<decltype(v) *>(value) = v; };
    switch (which) {
    case 1: return put(context.handle);
    case 2: return put(static_cast<unsigned>(host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE));
    case 3: return put(address);
    case 4:
        if (!host && a->origin != Origin::Managed) fail(CUDA_ERROR_INVALID_VALUE, "device memory has no host pointer");
        return put(a->host + (address - a->address));
    case 6: return put(0u);
    case 7: return put(static_cast<unsigned long long>(a->serial));
    case 8: return put(static_cast<unsigned>(a->origin == Origin::Managed));
    case 9: return put(context.device->index);
    case 10: return put(0u);
    case 11: return put(static_cast<CUdeviceptr>(a->address));
    case 12: return put(static_cast<std::size_t>(a->bytes));
    case 13: return put(1u);
    default: fail(CUDA_ERROR_NOT_SUPPORTED, "pointer attribute " + std::to_string(which));
    }
}

} // namespace

namespace softgpu {

void forbid_during_capture(const char *what) {
    if (context_stack().empty()) return;
    CUcontext context = context_stack().back();
    driver().streams.each([&](Stream &s) {
        if (s.context != context || !s.capture || s.capture_mode != 0) return;
        s.capture_invalid = true;
        fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, std::string(what) + " while a stream captures in global mode");
    });
}

} // namespace softgpu

SOFTGPU_API cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    return entry("cuMemGetInfo", [&] {
        const Heap &heap = *current_context().device->heap;
        given(free_bytes, "free") = heap.capacity() - heap.used();
        given(total, "total") = heap.capacity();
    });
}
SOFTGPU_API cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
    return entry("cuMemAlloc", [&] {
        given(address, "address");
        forbid_during_capture("cuMemAlloc");
        *address = allocate(current_context(), bytes, Origin::Device);
    });
}
SOFTGPU_API cuMemAllocPitch_v2(CUdeviceptr *address, size_t *pitch, size_t width, size_t height, unsigned int element) {
    return entry("cuMemAllocPitch", [&] {
        if (element != 4 && element != 8 && element != 16) fail(CUDA_ERROR_INVALID_VALUE, "the element size must be 4, 8 or 16");
        given(pitch, "pitch") = (width + 511) / 512 * 512;
        given(address, "address") = allocate(current_context(), *pitch * height, Origin::Device);
    });
}
SOFTGPU_API cuMemAllocManaged(CUdeviceptr *address, size_t bytes, unsigned int) {
    return entry("cuMemAllocManaged", [&] { given(address, "address") = allocate(current_context(), bytes, Origin::Managed); });
}
SOFTGPU_API cuMemFree_v2(CUdeviceptr address) {
    return entry("cuMemFree", [&] {
        forbid_during_capture("cuMemFree");
        free_device(address);
    });
}
SOFTGPU_API cuMemAllocAsync(CUdeviceptr *address, size_t bytes, CUstream stream) {
    return entry("cuMemAllocAsync", [&] {
        if (stream_of(stream).capture) fail(CUDA_ERROR_NOT_SUPPORTED, "allocation nodes of graphs");
        given(address, "address") = allocate(current_context(), bytes, Origin::Device);
    });
}
SOFTGPU_API cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
    return entry("cuMemFreeAsync", [&] {
        if (stream_of(stream).capture) fail(CUDA_ERROR_NOT_SUPPORTED, "free nodes of graphs");
        free_device(address);
    });
}
SOFTGPU_API cuMemGetAddressRange_v2(CUdeviceptr *base, size_t *bytes, CUdeviceptr address) {
    return entry("cuMemGetAddressRange", [&] {
        const Allocation *a = current_context().device->heap->find(address);
        if (!a) fail(CUDA_ERROR_NOT_FOUND, "no allocation holds the address");
        if (base) *base = a->address;
        if (bytes) *bytes = a->bytes;
    });
}

SOFTGPU_API cuMemAllocHost_v2(void **host, size_t bytes) {
    return entry("cuMemAllocHost", [&] { given(host, "host") = allocate_host(bytes); });
}
SOFTGPU_API cuMemHostAlloc(void **host, size_t bytes, unsigned int) {
    return entry("cuMemHostAlloc", [&] { given(host, "host") = allocate_host(bytes); });
}
SOFTGPU_API cuMemFreeHost(void *host) {
    return entry("cuMemFreeHost", [&] {
        if (!driver().pinned.erase(host)) fail(CUDA_ERROR_INVALID_VALUE, "not memory from cuMemHostAlloc");
        release_everywhere(host);
        std::free(host);
    });
}
SOFTGPU_API cuMemHostRegister_v2(void *host, size_t bytes, unsigned int) {
    return entry("cuMemHostRegister", [&] {
        current_context();
        if (!host || !bytes) fail(CUDA_ERROR_INVALID_VALUE, "an empty range");
        adopt_everywhere(host, bytes, Origin::Registered);
        driver().registered[host] = bytes;
    });
}
SOFTGPU_API cuMemHostUnregister(void *host) {
    return entry("cuMemHostUnregister", [&] {
        if (!driver().registered.erase(host)) fail(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, "the pointer was not registered");
        release_everywhere(host);
    });
}
SOFTGPU_API cuMemHostGetDevicePointer_v2(CUdeviceptr *address, void *host, unsigned int) {
    return entry("cuMemHostGetDevicePointer", [&] {
        uint64_t where = reinterpret_cast<uint64_t>(host);
        if (!current_context().device->heap->find(where)) fail(CUDA_ERROR_INVALID_VALUE, "not pinned or registered memory");
        given(address, "address") = where;
    });
}
SOFTGPU_API cuMemHostGetFlags(unsigned int *flags, void *host) {
    return entry("cuMemHostGetFlags", [&] {
        if (!driver().pinned.contains(host)) fail(CUDA_ERROR_INVALID_VALUE, "not memory from cuMemHostAlloc");
        given(flags, "flags") = 2; // mapped
    });
}

SOFTGPU_API cuPointerGetAttribute(void *value, int which, CUdeviceptr address) {
    return entry("cuPointerGetAttribute", [&] { read_attribute(value, which, address); });
}
SOFTGPU_API cuPointerGetAttributes(unsigned int count, int *which, void **values, CUdeviceptr address) {
    return entry("cuPointerGetAttributes", [&] {
        for (unsigned i = 0; i < count; i++) read_attribute(values[i], which[i], address);
    });
}
