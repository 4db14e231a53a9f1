// Numbers from the environment. A value that is no number is an error that names it.
#pragma once

#include <cstdint>

namespace softgpu {

// The variable's value, or the other number where it is unset or empty. Throws std::invalid_argument.
uint64_t environment_number(const char *name, uint64_t otherwise);

} // namespace softgpu
