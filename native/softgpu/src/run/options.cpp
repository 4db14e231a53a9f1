// Options of the device from the environment: LEANSPIKE_SOFTGPU_*.
#include "launch.h"

#include <cstdlib>
#include <thread>

namespace softgpu {
namespace {

uint64_t number(const char *name, uint64_t otherwise) {
    const char *text = std::getenv(name);
    if (!text || !*text) return otherwise;
    char *end = nullptr;
    uint64_t value = std::strtoull(text, &end, 10);
    return *end ? otherwise : value;
}

} // namespace

Options Options::from_environment() {
    Options options;
    options.host_threads = static_cast<int>(number("LEANSPIKE_SOFTGPU_THREADS", std::max(1u, std::thread::hardware_concurrency())));
    options.counters = static_cast<int>(number("LEANSPIKE_SOFTGPU_COUNTERS", CounterLevel::Requests));
    options.shared_checks = number("LEANSPIKE_SOFTGPU_SHARED_CHECKS", 1) != 0;
    options.global_checks = number("LEANSPIKE_SOFTGPU_UNINITIALIZED", 0) != 0;
    options.strict_exit = number("LEANSPIKE_SOFTGPU_STRICT_EXIT", 0) != 0;
    options.watchdog = number("LEANSPIKE_SOFTGPU_WATCHDOG", options.watchdog);
    return options;
}

} // namespace softgpu
