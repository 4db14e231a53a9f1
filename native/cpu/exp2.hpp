// 2^y for y <= 0, taken as -126 below that. y splits into a whole and a fraction in [-1/2, 1/2]; 2^fraction is a polynomial of degree 6
// (relative error below 1e-7 in float32 with every rounding), the whole goes into the exponent. Softmax uses it with log2(e) folded
// into the query's scale.
#pragma once

#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

inline Vec exp2_of_negative(Vec exponent) {
    const Vec y = maximum(exponent, broadcast(-126.0f)); // below, softmax has nothing left to share out
    const Vec whole = round_nearest(y);
    const Vec f = y - whole;
    Vec p = broadcast(0.000153437592f);
    p = fma(p, f, broadcast(0.00134053023f));
    p = fma(p, f, broadcast(0.00961854495f));
    p = fma(p, f, broadcast(0.0555031337f));
    p = fma(p, f, broadcast(0.240226462f));
    p = fma(p, f, broadcast(0.693147242f));
    p = fma(p, f, broadcast(1.0f));
    return times_power_of_two(p, whole);
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
