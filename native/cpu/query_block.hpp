// How many queries attention takes at once: they are the lanes, at most 8 vectors of them and at most one spike word.
#pragma once

#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int QUERY_BLOCK = 8 * LANES < 64 ? 8 * LANES : 64;

// body.template run<VECS>() with the fewest vectors that hold `queries` lanes.
template <class Body>
inline void with_query_vectors(int64_t queries, const Body &body) {
    if (queries <= LANES)
        body.template run<1>();
    else if (queries <= 2 * LANES)
        body.template run<2>();
    else if (queries <= 3 * LANES)
        body.template run<3>();
    else if (queries <= 4 * LANES)
        body.template run<4>();
    else if constexpr (QUERY_BLOCK > 4 * LANES) {
        if (queries <= 6 * LANES)
            body.template run<6>();
        else
            body.template run<8>();
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
