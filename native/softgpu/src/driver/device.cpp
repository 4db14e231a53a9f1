// Devices: names, attributes, memory size.
#include "driver.h"

#include <cstdio>
#include <cstring>

using namespace softgpu;

namespace {

int attribute(const Device &device, int which) {
    const Arch &arch = *device.arch;
    switch (which) {
    case 1: return threads_per_block;
    case 2: case 3: return 1024;                 // block dimensions x, y
    case 4: return 64;                           // z
    case 5: return 0x7fffffff;                   // grid dimensions
    case 6: case 7: return 65535;
    case 8: return shared_per_block;
    case 9: return 65536;                        // constant memory
    case 10: return 32;                          // warp size
    case 11: return 0x7fffffff;                  // pitch
    case 12: case 82: return registers_per_block;
    case 13: return arch.clock_khz;
    case 14: return 512;                         // texture alignment
    case 15: case 19: case 31: return 1;         // overlap, host mapping, concurrent kernels
    case 16: return arch.multiprocessors;
    case 33: return device.index + 1;            // PCI bus
    case 36: return arch.memory_clock_khz;
    case 37: return arch.memory_bus_bits;
    case 38: return static_cast<int>(arch.l2_bytes);
    case 39: return arch.threads_per_multiprocessor;
    case 40: return 2;                           // copy engines
    case 41: return 1;                           // unified addressing
    case 51: return 32;                          // texture pitch alignment
    case 75: return arch.capability / 10;
    case 76: return arch.capability % 10;
    case 78: case 79: case 80: return 1;         // stream priorities, L1 caches
    case 81: return static_cast<int>(arch.shared_per_multiprocessor);
    case 83: return 1;                           // managed memory
    case 85: return device.index;
    case 86: return 1;                           // host atomics
    case 87: return 2;
    case 91: case 99: return 1;                  // registered host memory
    case 97: return static_cast<int>(arch.shared_per_block_optin);
    case 106: return arch.blocks_per_multiprocessor;
    case 111: return static_cast<int>(arch.shared_reserved);
    case 17: case 18: case 32: case 35: return 0; // no time limit, a card of its own, no ECC, no TCC
    case 20: return 0;                            // compute mode: any number of contexts
    case 34: case 50: return 0;                   // PCI device and domain
    case 84: case 88: case 89: case 90: case 95: case 96: case 100: case 101: case 115:
        return 0; // no second GPU on the board, pageable or concurrently managed memory, preemption, cooperative launches, memory pools
    default: fail(CUDA_ERROR_INVALID_VALUE, "the software GPU has no device attribute " + std::to_string(which));
    }
}

CUuuid uuid_of(const Device &device) {
    CUuuid uuid{};
    std::memcpy(uuid.bytes, "LeanSpikeSoft", 13);
    uuid.bytes[14] = static_cast<char>(device.arch->capability);
    uuid.bytes[15] = static_cast<char>(device.index);
    return uuid;
}

} // namespace

SOFTGPU_API cuDeviceGet(CUdevice *device, int ordinal) {
    return entry("cuDeviceGet", [&] { given(device, "device") = device_of(ordinal).index; });
}
SOFTGPU_API cuDeviceGetCount(int *count) {
    return entry("cuDeviceGetCount", [&] { given(count, "count") = static_cast<int>(driver().devices.size()); });
}
SOFTGPU_API cuDeviceGetName(char *name, int length, CUdevice device) {
    return entry("cuDeviceGetName", [&] {
        const Arch &arch = *device_of(device).arch;
        if (!name || length <= 0) fail(CUDA_ERROR_INVALID_VALUE, "no room for the name");
        std::snprintf(name, static_cast<std::size_t>(length), "LeanSpike software GPU sm_%d (%s)", arch.capability, arch.model);
    });
}
SOFTGPU_API cuDeviceGetUuid(CUuuid *uuid, CUdevice device) {
    return entry("cuDeviceGetUuid", [&] { given(uuid, "uuid") = uuid_of(device_of(device)); });
}
SOFTGPU_API cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice device) { return cuDeviceGetUuid(uuid, device); }
SOFTGPU_API cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
    return entry("cuDeviceTotalMem", [&] { given(bytes, "bytes") = device_of(device).heap->capacity(); });
}
SOFTGPU_API cuDeviceGetAttribute(int *value, int which, CUdevice device) {
    return entry("cuDeviceGetAttribute", [&] { given(value, "value") = attribute(device_of(device), which); });
}
SOFTGPU_API cuDeviceComputeCapability(int *major, int *minor, CUdevice device) {
    return entry("cuDeviceComputeCapability", [&] {
        int capability = device_of(device).arch->capability;
        given(major, "major") = capability / 10;
        given(minor, "minor") = capability % 10;
    });
}
SOFTGPU_API cuDeviceGetPCIBusId(char *text, int length, CUdevice device) {
    return entry("cuDeviceGetPCIBusId", [&] {
        if (!text || length < 13) fail(CUDA_ERROR_INVALID_VALUE, "no room for the identifier");
        std::snprintf(text, static_cast<std::size_t>(length), "0000:%02x:00.0", static_cast<unsigned>(device_of(device).index + 1) & 0xff);
    });
}
SOFTGPU_API cuDeviceGetByPCIBusId(CUdevice *device, const char *text) {
    return entry("cuDeviceGetByPCIBusId", [&] {
        unsigned domain = 0, bus = 0;
        if (!text || std::sscanf(text, "%x:%x", &domain, &bus) != 2) fail(CUDA_ERROR_INVALID_VALUE, "not a PCI identifier");
        given(device, "device") = device_of(static_cast<int>(bus) - 1).index;
    });
}
SOFTGPU_API cuDeviceCanAccessPeer(int *can, CUdevice device, CUdevice peer) {
    return entry("cuDeviceCanAccessPeer", [&] {
        device_of(device);
        device_of(peer);
        given(can, "can") = 0;
    });
}
