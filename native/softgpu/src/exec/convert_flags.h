// Modifiers of cvt, kept in Instruction::detail.
#pragma once

#include <cstdint>

namespace softgpu {

inline constexpr uint8_t convert_saturate = 1, convert_flush = 2, convert_relu = 4, convert_whole = 8;

} // namespace softgpu
