// What ends a kernel early: a driver result code and a text that names kernel, block, thread and PTX line.
#pragma once

#include <cstdint>
#include <string>

namespace softgpu {

struct DeviceFault {
    int result;
    std::string text;
};

// CUresult values that a running kernel can cause.
namespace result {
inline constexpr int illegal_address = 700, out_of_resources = 701, timeout = 702, assertion = 710, misaligned_address = 716,
                     launch_failed = 719;
}

} // namespace softgpu
