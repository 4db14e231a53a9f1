// GELU(x) = x / 2 * (1 + erf(x / sqrt 2)) without a branch and without exp.
//
// erf(z) / z is a smooth function of z^2, so one polynomial of degree 15 in z^2 (mapped to [-1, 1] to keep the coefficients small)
// covers |z| < 3.85; beyond, erf is 1 to float32. Least-squares fit in the Chebyshev weight with error weighted by z, so that it is
// erf's absolute error that is even: 1.9e-8 in exact arithmetic, below 2.3e-7 in float32 with every rounding.
#pragma once

#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

inline Vec erf_of_magnitude(Vec z) {
    constexpr float LIMIT = 3.85f;
    constexpr float C[16] = {0.367284805f,  -0.183301464f,  0.136213154f,  -0.11038661f,   0.090789929f,  -0.0731725171f,
                             0.0566005297f, -0.0411401801f, 0.0277194753f, -0.018268168f,  0.0120491497f, -0.00610375218f,
                             0.00188080641f, -0.00140704261f, 0.00152182532f, -0.000539706554f};
    const Vec inside = minimum(z, broadcast(LIMIT));
    const Vec s = fma(inside * inside, broadcast(2.0f / (LIMIT * LIMIT)), broadcast(-1.0f));
    Vec p = broadcast(C[15]);
    for (int i = 14; i >= 0; --i) p = fma(p, s, broadcast(C[i]));
    return select(at_least(z, broadcast(LIMIT)), broadcast(1.0f), inside * p);
}

constexpr int GELU_VECS = 1; // worked out in step: more would not fit the registers

// GELU of each vector, in place.
template <int VECS>
inline void gelu(Vec (&x)[VECS]) {
    for (Vec &y : x) {
        const Vec magnitude = absolute(y);
        const Vec erf = erf_of_magnitude(magnitude * broadcast(0.707106781f));
        y = broadcast(0.5f) * fma(magnitude, erf, y);
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
