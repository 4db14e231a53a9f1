// Options of the device from the environment: LEANSPIKE_SOFTGPU_*.
#include "environment.h"
#include "launch.h"

#include <stdexcept>
#include <string>
#include <thread>

namespace softgpu {

Options Options::from_environment() {
    Options options;
    options.host_threads = static_cast<int>(environment_number("LEANSPIKE_SOFTGPU_THREADS", std::max(1u, std::thread::hardware_concurrency())));
    uint64_t counters = environment_number("LEANSPIKE_SOFTGPU_COUNTERS", CounterLevel::Requests);
    if (counters > CounterLevel::Traffic) throw std::invalid_argument("LEANSPIKE_SOFTGPU_COUNTERS: " + std::to_string(counters) + " is not 0, 1 or 2");
    options.counters = static_cast<int>(counters);
    options.shared_checks = environment_number("LEANSPIKE_SOFTGPU_SHARED_CHECKS", 1) != 0;
    options.global_checks = environment_number("LEANSPIKE_SOFTGPU_UNINITIALIZED", 0) != 0;
    options.strict_exit = environment_number("LEANSPIKE_SOFTGPU_STRICT_EXIT", 0) != 0;
    options.watchdog = environment_number("LEANSPIKE_SOFTGPU_WATCHDOG", options.watchdog);
    return options;
}

} // namespace softgpu
