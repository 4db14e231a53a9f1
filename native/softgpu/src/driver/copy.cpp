// Copies and fills, in order of the stream or kept in a graph. Ranges are checked when the work is submitted, and again when it
// runs, since a graph may outlive the memory.
#include "driver.h"
#include "fill.h"

#include <cstring>

using namespace softgpu;

namespace {

// Host or device memory: an address that the device knows, or any other that the host can reach.
struct Place {
    uint64_t address;
    bool device; // must lie in one allocation
};

uint8_t *resolve(Heap &heap, const Place &place, std::size_t bytes, const char *which) {
    if (uint8_t *host = heap.host_pointer(place.address, bytes)) return host;
    if (!place.device && place.address < device_offset && !heap.find(place.address)) return reinterpret_cast<uint8_t *>(place.address);
    fail(CUDA_ERROR_INVALID_VALUE, std::string("the ") + which + " of " + std::to_string(bytes) + " bytes does not lie in one allocation: " +
                                       heap.describe(place.address));
}

struct Rows { // a copy of `height` rows
    Place from, to;
    std::size_t width, height = 1, from_pitch = 0, to_pitch = 0;
    std::size_t extent(std::size_t pitch) const { return pitch * (height - 1) + width; }
};

void copy_rows(Device &from_device, Device &to_device, const Rows &rows) {
    if (!rows.width || !rows.height) return;
    const uint8_t *from = resolve(*from_device.heap, rows.from, rows.extent(rows.from_pitch), "source");
    uint8_t *to = resolve(*to_device.heap, rows.to, rows.extent(rows.to_pitch), "destination");
    for (std::size_t y = 0; y < rows.height; y++) {
        std::memmove(to + y * rows.to_pitch, from + y * rows.from_pitch, rows.width);
        if (rows.to.address >= device_offset) to_device.heap->define(rows.to.address + y * rows.to_pitch, rows.width);
    }
}

void submit_copy(Stream &stream, const Rows &rows, Context *from_context = nullptr, Context *to_context = nullptr) {
    Context &own = context_of(stream.context);
    Device *from = (from_context ? from_context : &own)->device, *to = (to_context ? to_context : &own)->device;
    if (rows.width && rows.height) {
        if (!rows.from.address || !rows.to.address) fail(CUDA_ERROR_INVALID_VALUE, "a copy from or to a null pointer");
        resolve(*from->heap, rows.from, rows.extent(rows.from_pitch), "source");
        resolve(*to->heap, rows.to, rows.extent(rows.to_pitch), "destination");
    }
    submit(stream, {CU_GRAPH_NODE_TYPE_MEMCPY, [=] { copy_rows(*from, *to, rows); }, nullptr, stream.context});
}

Rows plain(Place to, Place from, std::size_t bytes) { return {from, to, bytes, 1, 0, 0}; }
Place on_device(CUdeviceptr address) { return {address, true}; }
Place on_host(const void *pointer) { return {reinterpret_cast<uint64_t>(pointer), false}; }
Place anywhere(CUdeviceptr address) { return {address, address >= device_offset}; }

Rows rows_of(const CUDA_MEMCPY2D &c) {
    auto place = [](int type, const void *host, CUdeviceptr device, std::size_t x, std::size_t y, std::size_t pitch) {
        if (type == CU_MEMORYTYPE_ARRAY) fail(CUDA_ERROR_NOT_SUPPORTED, "copies of arrays");
        Place base = type == CU_MEMORYTYPE_HOST ? on_host(host) : type == CU_MEMORYTYPE_DEVICE ? on_device(device) : anywhere(device);
        base.address += y * pitch + x;
        return base;
    };
    std::size_t from_pitch = c.srcPitch ? c.srcPitch : c.WidthInBytes, to_pitch = c.dstPitch ? c.dstPitch : c.WidthInBytes;
    if (from_pitch < c.WidthInBytes || to_pitch < c.WidthInBytes) fail(CUDA_ERROR_INVALID_VALUE, "a pitch below the width");
    return {place(c.srcMemoryType, c.srcHost, c.srcDevice, c.srcXInBytes, c.srcY, from_pitch),
            place(c.dstMemoryType, c.dstHost, c.dstDevice, c.dstXInBytes, c.dstY, to_pitch), c.WidthInBytes, c.Height, from_pitch, to_pitch};
}

CUresult copy(const char *call, CUstream stream, const Rows &rows) {
    return entry(call, [&] { submit_copy(stream_of(stream), rows); });
}

} // namespace

namespace softgpu {

void fill(Device &device, CUdeviceptr to, std::size_t pitch, uint32_t value, uint32_t element, std::size_t width, std::size_t height) {
    if (!width || !height) return;
    if (to % element || pitch % element) fail(CUDA_ERROR_INVALID_VALUE, "a fill that is not aligned to its elements");
    uint8_t *host = resolve(*device.heap, on_device(to), pitch * (height - 1) + width * element, "destination");
    for (std::size_t y = 0; y < height; y++) {
        for (std::size_t x = 0; x < width; x++) std::memcpy(host + y * pitch + x * element, &value, element);
        device.heap->define(to + y * pitch, width * element);
    }
}

} // namespace softgpu

namespace {

CUresult submit_fill(const char *call, CUstream stream, CUdeviceptr to, std::size_t pitch, uint32_t value, uint32_t element, std::size_t width, std::size_t height) {
    return entry(call, [&] {
        Stream &s = stream_of(stream);
        Device *device = context_of(s.context).device;
        if (width && height) resolve(*device->heap, on_device(to), pitch * (height - 1) + width * element, "destination");
        if (to % element) fail(CUDA_ERROR_INVALID_VALUE, "a fill that is not aligned to its elements");
        submit(s, {CU_GRAPH_NODE_TYPE_MEMSET, [=] { fill(*device, to, pitch, value, element, width, height); }, nullptr, s.context});
    });
}

} // namespace

SOFTGPU_API cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) { return copy("cuMemcpy", nullptr, plain(anywhere(to), anywhere(from), bytes)); }
SOFTGPU_API cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream s) { return copy("cuMemcpyAsync", s, plain(anywhere(to), anywhere(from), bytes)); }
SOFTGPU_API cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t bytes) { return copy("cuMemcpyHtoD", nullptr, plain(on_device(to), on_host(from), bytes)); }
SOFTGPU_API cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t bytes) { return copy("cuMemcpyDtoH", nullptr, plain(on_host(to), on_device(from), bytes)); }
SOFTGPU_API cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) { return copy("cuMemcpyDtoD", nullptr, plain(on_device(to), on_device(from), bytes)); }
SOFTGPU_API cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream s) {
    return copy("cuMemcpyHtoDAsync", s, plain(on_device(to), on_host(from), bytes));
}
SOFTGPU_API cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream s) {
    return copy("cuMemcpyDtoHAsync", s, plain(on_host(to), on_device(from), bytes));
}
SOFTGPU_API cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream s) {
    return copy("cuMemcpyDtoDAsync", s, plain(on_device(to), on_device(from), bytes));
}
SOFTGPU_API cuMemcpyPeer(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes) {
    return entry("cuMemcpyPeer", [&] {
        submit_copy(stream_of(nullptr), plain(on_device(to), on_device(from), bytes), &context_of(from_context), &context_of(to_context));
    });
}
SOFTGPU_API cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, size_t bytes, CUstream stream) {
    return entry("cuMemcpyPeerAsync", [&] {
        submit_copy(stream_of(stream), plain(on_device(to), on_device(from), bytes), &context_of(from_context), &context_of(to_context));
    });
}
SOFTGPU_API cuMemcpy2D_v2(const CUDA_MEMCPY2D *c) {
    return entry("cuMemcpy2D", [&] { submit_copy(stream_of(nullptr), rows_of(given(c, "copy"))); });
}
SOFTGPU_API cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D *c) { return cuMemcpy2D_v2(c); }
SOFTGPU_API cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D *c, CUstream stream) {
    return entry("cuMemcpy2DAsync", [&] { submit_copy(stream_of(stream), rows_of(given(c, "copy"))); });
}

SOFTGPU_API cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t n) { return submit_fill("cuMemsetD8", nullptr, to, n, value, 1, n, 1); }
SOFTGPU_API cuMemsetD16_v2(CUdeviceptr to, unsigned short value, size_t n) { return submit_fill("cuMemsetD16", nullptr, to, 2 * n, value, 2, n, 1); }
SOFTGPU_API cuMemsetD32_v2(CUdeviceptr to, unsigned int value, size_t n) { return submit_fill("cuMemsetD32", nullptr, to, 4 * n, value, 4, n, 1); }
SOFTGPU_API cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t n, CUstream s) { return submit_fill("cuMemsetD8Async", s, to, n, value, 1, n, 1); }
SOFTGPU_API cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t n, CUstream s) { return submit_fill("cuMemsetD16Async", s, to, 2 * n, value, 2, n, 1); }
SOFTGPU_API cuMemsetD32Async(CUdeviceptr to, unsigned int value, size_t n, CUstream s) { return submit_fill("cuMemsetD32Async", s, to, 4 * n, value, 4, n, 1); }
SOFTGPU_API cuMemsetD2D8_v2(CUdeviceptr to, size_t pitch, unsigned char value, size_t width, size_t height) {
    return submit_fill("cuMemsetD2D8", nullptr, to, pitch, value, 1, width, height);
}
SOFTGPU_API cuMemsetD2D32_v2(CUdeviceptr to, size_t pitch, unsigned int value, size_t width, size_t height) {
    return submit_fill("cuMemsetD2D32", nullptr, to, pitch, value, 4, width, height);
}
