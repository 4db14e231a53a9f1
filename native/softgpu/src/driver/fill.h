// Fills device memory with a repeated element; also what memset nodes of graphs do.
#pragma once

#include "objects.h"

namespace softgpu {

void fill(Device &device, CUdeviceptr to, std::size_t pitch, uint32_t value, uint32_t element, std::size_t width, std::size_t height);

} // namespace softgpu
