// GELU(x) = x / 2 * (1 + erf(x / sqrt 2)): by table where a register holds 16 coefficients, else by one polynomial.
#pragma once

#if defined(__AVX512F__)
#include "gelu_table.hpp"
#else
#include "gelu_polynomial.hpp"
#endif
