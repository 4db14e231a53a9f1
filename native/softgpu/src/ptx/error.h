// An error in PTX text: what, and at which line of the module.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace softgpu {

struct PtxError : std::runtime_error {
    PtxError(uint32_t line, const std::string &what, bool unsupported = false)
        : std::runtime_error("PTX line " + std::to_string(line) + ": " + what), unsupported(unsupported) {}
    bool unsupported; // well-formed as far as can be told, but beyond this device
};

} // namespace softgpu
