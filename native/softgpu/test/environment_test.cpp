// Environments that mean nothing: cuInit says which variable and why. Then one of a driver that is old and has no device.
#include "device.h"

#include <initializer_list>

namespace {

void refused(const char *name, const char *value, std::initializer_list<const char *> words) {
    setenv(name, value, 1);
    CHECK(cuInit(0) == CUDA_ERROR_INVALID_VALUE, << name << "=" << value);
    for (const char *word : words) CHECK(last_error().find(word) != std::string::npos, << "'" << word << "' is missing in: " << last_error());
    unsetenv(name);
}

} // namespace

TEST("a value that is no number, a level of counters there is not, an architecture nobody makes") {
    refused("LEANSPIKE_SOFTGPU_THREADS", "many", {"LEANSPIKE_SOFTGPU_THREADS", "'many'"});
    refused("LEANSPIKE_SOFTGPU_MEMORY", "8G", {"LEANSPIKE_SOFTGPU_MEMORY", "'8G'"});
    refused("LEANSPIKE_SOFTGPU_COUNTERS", "3", {"LEANSPIKE_SOFTGPU_COUNTERS", "0, 1 or 2"});
    refused("LEANSPIKE_SOFTGPU_DEVICES", "65", {"LEANSPIKE_SOFTGPU_DEVICES", "65", "64"});
    refused("LEANSPIKE_SOFTGPU_ISA", "avx9", {"LEANSPIKE_SOFTGPU_ISA", "'avx9'"});
    refused("LEANSPIKE_SOFTGPU_ARCH", "87", {"LEANSPIKE_SOFTGPU_ARCH", "87", "86, 89"});
}

TEST("a driver of another version without a device") {
    setenv("LEANSPIKE_SOFTGPU_DEVICES", "0", 1);
    setenv("LEANSPIKE_SOFTGPU_DRIVER_VERSION", "12040", 1);
    int version = 0;
    OK(cuDriverGetVersion(&version));
    CHECK(version == 12040, << version);
    CHECK(cuInit(0) == CUDA_ERROR_NO_DEVICE);
}

int main() { return run_tests(); }
