#include "environment.h"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace softgpu {

uint64_t environment_number(const char *name, uint64_t otherwise) {
    const char *value = std::getenv(name);
    if (!value || !*value) return otherwise;
    std::string_view text = value;
    uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) throw std::invalid_argument(std::string(name) + ": '" + value + "' is not a whole number");
    return number;
}

} // namespace softgpu
