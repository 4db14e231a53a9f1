// Host threads that stay: starting them for every launch would cost more than a small kernel.
#pragma once

#include <functional>

namespace softgpu {

// Runs body(0) … body(count - 1) at the same time and waits for all; body(0) on the calling thread.
void run_together(int count, const std::function<void(int)> &body);

} // namespace softgpu
