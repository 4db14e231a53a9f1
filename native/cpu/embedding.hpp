// The input of the first population: word + position + type embedding of a token, then LayerNorm, as one padded row in scratch.
#pragma once

#include "elements.hpp"
#include "kernels.hpp"
#include "layer_norm.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// sum: the unnormalized row, zero beyond its width to the end of the last panel.
inline Moments embed(const embedding_job &job, int64_t row, float *sum) {
    const int64_t width = job.word.cols;
    const int64_t padded = words_of(width) * PANEL;
    for (int64_t j = width / LANES * LANES; j < padded; ++j) sum[j] = 0.0f;
    each_vector(job.word, job.word_ids[row], 0, width, [&](int64_t j, Vec x) { store(sum + j, x); });
    each_vector(job.position, job.position_ids[row], 0, width, [&](int64_t j, Vec x) { store(sum + j, load(sum + j) + x); });
    each_vector(job.type, job.type_ids[row], 0, width, [&](int64_t j, Vec x) { store(sum + j, load(sum + j) + x); });
    return moments(sum, width, job.norm.eps);
}

// The normalized columns of panel p.
inline void normalize_panel(const embedding_job &job, const float *sum, Moments m, int64_t p, float *out) {
    const int64_t columns = job.word.cols - p * PANEL;
    alignas(64) float weight[PANEL], bias[PANEL];
    fill_panel(weight, job.norm.weight + p * PANEL, columns, 0.0f);
    fill_panel(bias, job.norm.bias + p * PANEL, columns, 0.0f);
    for (int v = 0; v < PANEL_VECS; ++v)
        store(out + v * LANES, normalize(load(sum + p * PANEL + v * LANES), m, load(weight + v * LANES), load(bias + v * LANES)));
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
