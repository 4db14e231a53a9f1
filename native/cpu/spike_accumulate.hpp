// The event-driven product: rows of spikes times a block of weight rows, by adding the weight rows of the units that spiked.
//
// The sums of one row stay in registers (ACCS vectors) while its set bits are walked in rising order, so every output is the plain
// float32 sum of its weights in order of input: additions only, the same on every variant.
#pragma once

#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// acc += the rows of `weights` (stride floats apart) whose bits are set in `words` words of spikes.
template <int ACCS>
inline void accumulate_words(const uint64_t *spikes, int64_t words, const float *weights, int64_t stride, Vec (&acc)[ACCS]) {
    for (int64_t w = 0; w < words; ++w, weights += 64 * stride) {
        for (uint64_t bits = spikes[w]; bits != 0; bits &= bits - 1) {
            const float *row = weights + __builtin_ctzll(bits) * stride;
            for (int v = 0; v < ACCS; ++v) acc[v] = acc[v] + load(row + v * LANES);
        }
    }
}

template <int ACCS>
inline void load_sums(Vec (&acc)[ACCS], const float *sums) {
    for (int v = 0; v < ACCS; ++v) acc[v] = load(sums + v * LANES);
}

template <int ACCS>
inline void clear_sums(Vec (&acc)[ACCS]) {
    for (int v = 0; v < ACCS; ++v) acc[v] = zero();
}

template <int ACCS>
inline void store_sums(float *sums, const Vec (&acc)[ACCS]) {
    for (int v = 0; v < ACCS; ++v) store(sums + v * LANES, acc[v]);
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
