// GELU(x) = x / 2 * (1 + erf(x / sqrt 2)): by table where a register holds 16 coefficients, else by one polynomial.
#pragma once

#if defined(__AVX512F__)
#include "gelu_table.hpp"
#else
#include "gelu_polynomial.hpp"
#endif

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

inline Vec gelu(Vec x) {
    Vec one[1] = {x};
    gelu(one);
    return one[0];
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
