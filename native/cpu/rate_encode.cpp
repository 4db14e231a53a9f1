// rate_encode: embedding gather + LayerNorm, then the equilibrium rate clamp(x / threshold, 0, 1) in place of spikes.
//
// Layout   tables row-major in F32, F16, BF16 or I8; rates [row][width].
// Fast     one pass over three table rows; bound by reading them.
#include "embedding.hpp"
#include "neuron.hpp"
#include "operations.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void rate_encode(const embedding_job &job, int64_t tile, unsigned char *scratch) {
    const int64_t begin = tile * job.tile_rows;
    const int64_t end = job.rows - begin < job.tile_rows ? job.rows : begin + job.tile_rows;
    const int64_t width = job.word.cols;
    const Vec threshold = broadcast(job.neuron.threshold);
    float *sum = reinterpret_cast<float *>(scratch + job.row_at);
    alignas(64) float x[PANEL];
    for (int64_t row = begin; row < end; ++row) {
        const Moments m = embed(job, row, sum);
        for (int64_t j = 0; j < width; j += PANEL) {
            normalize_panel(job, sum, m, j / PANEL, x);
            for (int v = 0; v < PANEL_VECS && j + v * LANES < width; ++v)
                store_first(job.rates + row * width + j + v * LANES, width - j - v * LANES, rate(load(x + v * LANES), threshold));
        }
    }
}

} // namespace leanspike::LEANSPIKE_VARIANT
