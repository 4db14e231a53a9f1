// GELU for 16 lanes: GELU(x) = max(x, 0) - r(|x|), where r(t) = t / 2 * erfc(t / sqrt 2) is a small bump that dies out before 5.6.
//
// r is cut into 16 intervals of 0.36 around the multiples of 0.36, a polynomial of degree 5 each; the coefficients of one degree
// are one register and a lane looks its own up with one permutation. A third of the instructions of the one long polynomial that
// fewer lanes use, and closer: the absolute error is below 8e-8 for any x, plus the rounding of the result.
#pragma once

#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// GELU_BUMP[degree][interval]: least-squares fits in the Chebyshev weight.
alignas(64) constexpr float GELU_BUMP[6][16] = {
    {3.73167469e-11f, 0.129392475f, 0.169749007f, 0.151276782f, 0.107904539f, 0.0646745786f, 0.0332344808f, 0.0147867063f,
     0.0057265209f, 0.00193638075f, 0.00057279109f, 0.000148400766f, 3.37024467e-05f, 6.71293174e-06f, 1.17315938e-06f, 1.79935483e-07f},
    {0.49999994f, 0.224815756f, 0.0141096041f, -0.100394689f, -0.128768653f, -0.106179975f, -0.0682204813f, -0.0361409113f,
     -0.0161749944f, -0.00619329512f, -0.00204373803f, -0.000583950721f, -0.000144921913f, -3.13080782e-05f, -5.89716228e-06f,
     -9.69664143e-07f},
    {-0.398938537f, -0.349676847f, -0.228057519f, -0.0928066969f, 0.00520179234f, 0.0489480384f, 0.0515895225f, 0.0362621881f,
     0.0198493209f, 0.00890554953f, 0.00335314334f, 0.00107338675f, 0.000294463593f, 6.95932176e-05f, 1.4222057e-05f, 2.51990878e-06f},
    {-9.58640376e-05f, 0.0868279934f, 0.128614664f, 0.11356324f, 0.065403454f, 0.0180023257f, -0.0092740776f, -0.016456373f,
     -0.0130005535f, -0.00735440338f, -0.00328965555f, -0.00120985729f, -0.000373186718f, -9.76779702e-05f, -2.185833e-05f,
     -4.20378547e-06f},
    {0.0675516948f, 0.048126854f, 0.00830442272f, -0.0256691035f, -0.0363452695f, -0.0268391222f, -0.0111898053f, -0.000188724109f,
     0.00381432404f, 0.00354197435f, 0.00207718904f, 0.000924419262f, 0.00033133931f, 9.83462596e-05f, 2.45527062e-05f, 5.20659569e-06f},
    {-0.00532456208f, -0.0184400305f, -0.0230347347f, -0.0130440984f, 0.00078515429f, 0.0083630681f, 0.00801008008f, 0.004045601f,
     0.00069609686f, -0.000705368293f, -0.000792750914f, -0.000474350381f, -0.000206492448f, -7.09980595e-05f, -1.99786482e-05f,
     -4.69033967e-06f},
};

inline Vec gelu(Vec x) {
    constexpr float WIDTH = 0.36f;
    const Vec shift = broadcast(12582912.0f); // 1.5 * 2^23: a sum's lowest bits are the nearest whole number
    const Vec t = minimum(absolute(x), broadcast(15.49f * WIDTH));
    const Vec shifted = fma(t, broadcast(1.0f / WIDTH), shift);
    const Vec f = fma(shifted - shift, broadcast(-WIDTH), t);
    Vec r = lookup(GELU_BUMP[5], shifted);
    for (int degree = 4; degree >= 0; --degree) r = fma(r, f, lookup(GELU_BUMP[degree], shifted));
    return maximum(x, zero()) - r;
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
