// The predefined registers a kernel can read. Those that do not change while a block runs live in the frame like other registers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace softgpu {

enum class Special : uint8_t {
    TidX, TidY, TidZ, NtidX, NtidY, NtidZ, CtaidX, CtaidY, CtaidZ, NctaidX, NctaidY, NctaidZ, LaneId, WarpId, NwarpId, SmId, NsmId,
    GridId, LanemaskEq, LanemaskLe, LanemaskLt, LanemaskGe, LanemaskGt, DynamicSmemSize, TotalSmemSize, Zero, One,
    Clock, ClockHi, Clock64, GlobalTimer, GlobalTimerLo, GlobalTimerHi
};

struct SpecialFacts {
    std::string_view name;
    Special which;
    uint32_t bits;
};

std::optional<SpecialFacts> special_named(std::string_view name);
constexpr bool changes(Special which) { return which >= Special::Clock; }

} // namespace softgpu
