// Picks the handlers compiled for the instruction set this machine has.
#include "handlers.h"

namespace softgpu {

namespace baseline { extern const HandlerTable table; }
#ifdef SOFTGPU_HAVE_AVX2
namespace avx2 { extern const HandlerTable table; }
#endif

const HandlerTable &handlers() {
#ifdef SOFTGPU_HAVE_AVX2
    static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    if (wide) return avx2::table;
#endif
    return baseline::table;
}

} // namespace softgpu
