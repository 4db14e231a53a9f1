// Picks the handlers compiled for the instruction set this machine has.
#include "handlers.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace softgpu {

namespace baseline { extern const HandlerTable table; }
#ifdef SOFTGPU_HAVE_AVX2
namespace avx2 { extern const HandlerTable table; }
#endif

namespace {

const HandlerTable &chosen(const std::string &asked) {
    if (asked == "baseline") return baseline::table;
#ifdef SOFTGPU_HAVE_AVX2
    if (asked.empty() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) return avx2::table;
#endif
    if (asked.empty()) return baseline::table;
    throw std::invalid_argument("LEANSPIKE_SOFTGPU_ISA: there is no '" + asked + "', only baseline");
}

} // namespace

const HandlerTable &handlers() {
    static const HandlerTable &table = [] () -> const HandlerTable & {
        const char *asked = std::getenv("LEANSPIKE_SOFTGPU_ISA");
        return chosen(asked ? asked : "");
    }();
    return table;
}

} // namespace softgpu
