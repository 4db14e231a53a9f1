// One row per compute capability; counts of multiprocessors and cache sizes are those of a common product.
#include "arch.h"

#include <stdexcept>
#include <string>

namespace softgpu {

const Arch &arch_of(uint64_t capability) {
    static constexpr Arch known[] = {
        {75, 40, 1024, 16, 64 << 10, 64 << 10, 0, 4ull << 20, 1590000, 5001000, 256, "T4"},
        {80, 108, 2048, 32, 163 << 10, 164 << 10, 1024, 40ull << 20, 1410000, 1215000, 5120, "A100"},
        {86, 84, 1536, 16, 99 << 10, 100 << 10, 1024, 6ull << 20, 1695000, 9501000, 384, "RTX 3090"},
        {89, 128, 1536, 24, 99 << 10, 100 << 10, 1024, 72ull << 20, 2520000, 10501000, 384, "RTX 4090"},
        {90, 132, 2048, 32, 227 << 10, 228 << 10, 1024, 50ull << 20, 1980000, 2619000, 5120, "H100"},
        {100, 148, 2048, 32, 227 << 10, 228 << 10, 1024, 126ull << 20, 1965000, 3996000, 8192, "B200"},
        {120, 170, 1536, 24, 99 << 10, 100 << 10, 1024, 96ull << 20, 2407000, 14001000, 512, "RTX 5090"},
    };
    std::string names;
    for (const Arch &arch : known) {
        if (static_cast<uint64_t>(arch.capability) == capability) return arch;
        names += (names.empty() ? "" : ", ") + std::to_string(arch.capability);
    }
    throw std::invalid_argument("LEANSPIKE_SOFTGPU_ARCH: " + std::to_string(capability) + " is none of " + names);
}

} // namespace softgpu
