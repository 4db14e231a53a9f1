// What this machine's CPU and operating system can do, asked once.
#pragma once

#include <cstdint>
#include <string>

#include "kernels.hpp"

namespace leanspike {

// Names of the features found, separated by blanks.
std::string cpu_features();

// The kernels of a variant, or null when the machine or the build lacks it.
const kernel_table *find_kernels(int32_t variant);

} // namespace leanspike
