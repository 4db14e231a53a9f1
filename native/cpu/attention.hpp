// What spiking_attention and rate_attention share: queries turned into lanes, the live keys, and softmax over keys.
//
// With queries as lanes everything else is vertical: a key's scores are one vector row, the maximum and the sum over keys need no
// reduction across lanes, and the weights of a key multiply its value for all queries at once.
#pragma once

#include "exp2.hpp"
#include "kernels.hpp"
#include "query_block.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// Softmax is taken to base 2: the queries are scaled by log2(e) on top of the caller's scale.
constexpr float LOG2_E = 1.44269504f;

// The rows of the keys that take part; all of them when none is live.
inline int64_t live_keys(const uint8_t *live, int64_t begin, int64_t end, int32_t *rows) {
    int64_t count = 0;
    for (int64_t row = begin; row < end; ++row)
        if (live == nullptr || live[row] != 0) rows[count++] = static_cast<int32_t>(row - begin);
    if (count == 0)
        for (int64_t row = begin; row < end; ++row) rows[count++] = static_cast<int32_t>(row - begin);
    return count;
}

// transposed[d][query] = scale * queries[query][d], zero for the lanes beyond `count`; rows of VECS * LANES floats.
template <int VECS>
inline void transpose_queries(const float *queries, int64_t stride, int64_t count, int64_t dims, float scale, float *transposed) {
    const Vec factor = broadcast(scale);
    for (int64_t d = 0; d < dims; d += LANES)
        for (int v = 0; v < VECS; ++v) {
            Vec block[LANES];
            for (int i = 0; i < LANES; ++i) {
                const float *row = queries + (v * LANES + i) * stride + d;
                if (v * LANES + i >= count)
                    block[i] = zero();
                else
                    block[i] = (dims - d >= LANES ? load_any(row) : load_first(row, dims - d)) * factor;
            }
            transpose(block);
            for (int i = 0; i < LANES; ++i) store(transposed + (d + i) * VECS * LANES + v * LANES, block[i]);
        }
}

// scores -> 2^(score - peak) for keys begin .. end, and their sum added to `sum`.
template <int VECS>
inline void exponentiate(float *scores, int64_t begin, int64_t end, const Vec (&peak)[VECS], Vec (&sum)[VECS]) {
    for (int64_t j = begin; j < end; ++j)
        for (int v = 0; v < VECS; ++v) {
            float *score = scores + (j * VECS + v) * LANES;
            const Vec weight = exp2_of_negative(load(score) - peak[v]);
            sum[v] = sum[v] + weight;
            store(score, weight);
        }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
