// spike_encode: embedding gather + LayerNorm once a token, then the neuron over all timesteps with that constant current.
//
// Layout   tables row-major in F32, F16, BF16 or I8; spikes [row][timestep][word].
// Fast     the current is computed once and stays in registers with its 64 membranes for all timesteps: a timestep costs five
//          instructions a vector and one word stored.
#include "embedding.hpp"
#include "neuron.hpp"
#include "operations.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void spike_encode(const embedding_job &job, int64_t tile, unsigned char *scratch) {
    const int64_t begin = tile * job.tile_rows;
    const int64_t end = job.rows - begin < job.tile_rows ? job.rows : begin + job.tile_rows;
    const int64_t words = words_of(job.word.cols);
    float *sum = reinterpret_cast<float *>(scratch + job.row_at);
    alignas(64) float current[PANEL];
    for (int64_t row = begin; row < end; ++row) {
        const Moments m = embed(job, row, sum);
        for (int64_t p = 0; p < words; ++p) {
            normalize_panel(job, sum, m, p, current);
            scan_panel(job.neuron, job.timesteps, nullptr, low_bits(job.word.cols - p * PANEL), job.spikes + row * job.timesteps * words + p,
                       words, [&](int64_t, int v) { return load(current + v * LANES); });
        }
    }
}

} // namespace leanspike::LEANSPIKE_VARIANT
