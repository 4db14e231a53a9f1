// The inner loops, one set for each instruction set; roofs.cpp times them.
#pragma once

#include <cstdint>

namespace roofs {

// Runs a loop so many times; the returned figure depends on all it computed.
using Loop = uint64_t (*)(int64_t repetitions);

struct Measured {
    Loop run;
    double work; // multiply-accumulates of one repetition
};

struct Loops {
    Measured popcount, byte_dot, float_fma;
};

extern const Loops portable_loops;
#if defined(__x86_64__)
extern const Loops avx2_loops, avx_vnni_loops, avx512_loops, avx512_vpopcntdq_vnni_loops;
#endif

} // namespace roofs
