// GELU for 16 lanes: GELU(x) = max(x, 0) - r(|x|), where r(t) = t / 2 * erfc(t / sqrt 2) is a small bump that dies out before 5.6.
//
// r is cut into 32 intervals of 0.18 around the multiples of 0.18, a polynomial of degree 4 each; the coefficients of one degree
// are two registers and a lane looks its own up with one permutation. A quarter of the instructions of the one long polynomial that
// fewer lanes use, and closer: the absolute error is below 5e-8 for any x, plus the rounding of the result. Sixteen intervals of degree 5
// took a permutation and a multiplication more, and were twice as far off.
#pragma once

#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// GELU_BUMP[degree][interval]: least-squares fits in the Chebyshev weight.
alignas(64) constexpr float GELU_BUMP[5][32] = {
    {-2.00106029e-10f, 0.0771437362f, 0.12939249f, 0.159083202f, 0.169748992f, 0.165654108f, 0.151276767f, 0.130831689f, 0.107904524f,
     0.0852381364f, 0.0646745637f, 0.0472264849f, 0.033234477f, 0.0225619711f, 0.0147867054f, 0.00936082657f, 0.00572652044f,
     0.00338645466f, 0.00193638029f, 0.00107082096f, 0.000572790625f, 0.000296405429f, 0.000148400446f, 7.18922602e-05f, 3.3702283e-05f,
     1.52895173e-05f, 6.71286807e-06f, 2.85247143e-06f, 1.17313925e-06f, 4.66988979e-07f, 1.79930268e-07f, 6.71046294e-08f},
    {0.5f, 0.357920825f, 0.224816114f, 0.108397253f, 0.014110052f, -0.0554162115f, -0.100394428f, -0.123432867f, -0.128768668f,
     -0.121381819f, -0.106180131f, -0.0873910338f, -0.0682206303f, -0.0507690348f, -0.0361409895f, -0.0246695876f, -0.0161750056f,
     -0.0102004157f, -0.00619327929f, -0.00362323853f, -0.00204372103f, -0.00111203315f, -0.000583940593f, -0.000296023994f,
     -0.000144917474f, -6.85265841e-05f, -3.13065357e-05f, -1.38206651e-05f, -5.896723e-06f, -2.4318756e-06f, -9.69559551e-07f,
     -3.73729733e-07f},
    {-0.398941904f, -0.386172146f, -0.34968096f, -0.294543445f, -0.228056267f, -0.158320889f, -0.0928022042f, -0.0371927656f,
     0.0052055358f, 0.0335320532f, 0.0489490479f, 0.053947065f, 0.0515885502f, 0.0448641106f, 0.0362608694f, 0.0275634266f,
     0.0198485646f, 0.013604763f, 0.00890536699f, 0.00558019662f, 0.00335321715f, 0.00193502801f, 0.00107349071f, 0.000573025376f,
     0.000294526049f, 0.000145849277f, 6.9619462e-05f, 3.20468353e-05f, 1.42306217e-05f, 6.09791596e-06f, 2.52217387e-06f,
     1.00718023e-06f},
    {-3.95801386e-15f, 0.0466171913f, 0.0866428241f, 0.114851624f, 0.128383026f, 0.127125025f, 0.113431536f, 0.0913180858f,
     0.0654106736f, 0.0399501957f, 0.0180861354f, 0.00156727224f, -0.00919333752f, -0.0147946058f, -0.0164153185f, -0.0154066877f,
     -0.0129932892f, -0.0101103252f, -0.00736140972f, -0.00505797425f, -0.0032976449f, -0.00204784912f, -0.00121466792f,
     -0.000689576962f, -0.000375291536f, -0.000196049557f, -9.8405173e-05f, -4.74995359e-05f, -2.20639595e-05f, -9.86860505e-06f,
     -4.25230246e-06f, -1.76593971e-06f},
    {0.0663693398f, 0.0616213791f, 0.0483728051f, 0.0293385908f, 0.008230743f, -0.0111811738f, -0.0259362906f, -0.0344354659f,
     -0.0365680046f, -0.0334467851f, -0.0268990081f, -0.0189027041f, -0.0111317607f, -0.00469964696f, -0.000110379027f, 0.00263560121f,
     0.00385908573f, 0.00401572092f, 0.00355269364f, 0.0028259838f, 0.00207268959f, 0.00142096356f, 0.000918184989f, 0.000562292407f,
     0.000327603979f, 0.000182101314f, 9.6778771e-05f, 4.92574582e-05f, 2.40416575e-05f, 1.12648486e-05f, 5.07156028e-06f,
     2.19551885e-06f},
};

constexpr int GELU_VECS = 4; // worked out in step: one vector's chain of 14 instructions keeps the next waiting

// GELU of each vector, in place.
template <int VECS>
inline void gelu(Vec (&x)[VECS]) {
    constexpr float WIDTH = 0.18f;
    const Vec shift = broadcast(12582912.0f); // 1.5 * 2^23: a sum's lowest bits are the nearest whole number
    Vec t[VECS], shifted[VECS], f[VECS], r[VECS];
    for (int v = 0; v < VECS; ++v) t[v] = smaller_magnitude(x[v], broadcast(31.49f * WIDTH));
    for (int v = 0; v < VECS; ++v) shifted[v] = fma(t[v], broadcast(1.0f / WIDTH), shift);
    for (int v = 0; v < VECS; ++v) f[v] = fma(shifted[v] - shift, broadcast(-WIDTH), t[v]);
    for (int v = 0; v < VECS; ++v) r[v] = lookup(GELU_BUMP[4], shifted[v]);
    for (int degree = 3; degree >= 0; --degree)
        for (int v = 0; v < VECS; ++v) r[v] = fma(r[v], f[v], lookup(GELU_BUMP[degree], shifted[v]));
    for (int v = 0; v < VECS; ++v) x[v] = maximum(x[v], zero()) - r[v];
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
