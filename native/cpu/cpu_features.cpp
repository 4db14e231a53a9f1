#include "cpu_features.hpp"

namespace leanspike {
namespace {

#if defined(__x86_64__)
// __builtin_cpu_supports also asks whether the operating system saves the wide registers.
bool runs_avx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("f16c");
}

bool runs_avx2_vnni() { return runs_avx2() && __builtin_cpu_supports("avxvnni"); }

bool runs_avx512() {
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

bool runs_avx512_vpopcntdq() {
    return runs_avx512() && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vnni") &&
           __builtin_cpu_supports("avx512vbmi2");
}
#endif

} // namespace

std::string cpu_features() {
    std::string text;
    const auto add = [&text](bool found, const char *name) {
        if (!found) return;
        if (!text.empty()) text += ' ';
        text += name;
    };
#if defined(__x86_64__)
    add(__builtin_cpu_supports("sse4.2"), "sse4.2");
    add(__builtin_cpu_supports("popcnt"), "popcnt");
    add(__builtin_cpu_supports("bmi"), "bmi");
    add(__builtin_cpu_supports("bmi2"), "bmi2");
    add(__builtin_cpu_supports("avx"), "avx");
    add(__builtin_cpu_supports("f16c"), "f16c");
    add(__builtin_cpu_supports("avx2"), "avx2");
    add(__builtin_cpu_supports("fma"), "fma");
    add(__builtin_cpu_supports("avxvnni"), "avxvnni");
    add(__builtin_cpu_supports("avx512f"), "avx512f");
    add(__builtin_cpu_supports("avx512bw"), "avx512bw");
    add(__builtin_cpu_supports("avx512dq"), "avx512dq");
    add(__builtin_cpu_supports("avx512vl"), "avx512vl");
    add(__builtin_cpu_supports("avx512vnni"), "avx512vnni");
    add(__builtin_cpu_supports("avx512vpopcntdq"), "avx512vpopcntdq");
#elif defined(__aarch64__)
    add(true, "neon");
#endif
    return text;
}

const kernel_table *find_kernels(int32_t variant) {
    switch (variant) {
    case LEANSPIKE_VARIANT_SCALAR: return &scalar::table;
#if defined(__x86_64__)
    case LEANSPIKE_VARIANT_AVX2: return runs_avx2() ? &avx2::table : nullptr;
    case LEANSPIKE_VARIANT_AVX2_VNNI: return runs_avx2_vnni() ? &avx2_vnni::table : nullptr;
    case LEANSPIKE_VARIANT_AVX512: return runs_avx512() ? &avx512::table : nullptr;
    case LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ: return runs_avx512_vpopcntdq() ? &avx512_vpopcntdq::table : nullptr;
#endif
    default: return nullptr;
    }
}

} // namespace leanspike
