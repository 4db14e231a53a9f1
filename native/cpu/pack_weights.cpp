// pack_weights: a stored [outputs, inputs] matrix becomes panels [outputs / 64][inputs, whole words][64] of float32.
//
// Layout   packed[panel][k][j] = weight[64 * panel + j][k]; zero beyond either end, so kernels need no tail and a stray bit beyond
//          the width reads zeros.
// Fast     64 x 64 blocks are converted row by row into scratch and transposed in registers: whole cache lines on both sides.
#include "elements.hpp"
#include "operations.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void pack_weights(const pack_weights_job &job, int64_t panel, unsigned char *scratch) {
    const leanspike_matrix &m = *job.matrix;
    const int64_t inputs = words_of(m.cols) * 64;
    const int64_t outputs = m.rows - panel * PANEL < PANEL ? m.rows - panel * PANEL : PANEL;
    float *rows = reinterpret_cast<float *>(scratch + job.rows_at);
    float *packed = job.packed + panel * inputs * PANEL;
    for (int64_t k0 = 0; k0 < inputs; k0 += 64) {
        const int64_t count = m.cols - k0 < 64 ? m.cols - k0 : 64;
        for (int64_t i = 0; i < 64 * PANEL; ++i) rows[i] = 0.0f;
        for (int64_t j = 0; j < outputs; ++j)
            each_vector(m, panel * PANEL + j, k0, count, [&](int64_t k, Vec x) { store(rows + j * 64 + k, x); });
        for (int64_t j = 0; j < PANEL; j += LANES)
            for (int64_t k = 0; k < 64; k += LANES) {
                Vec block[LANES];
                for (int i = 0; i < LANES; ++i) block[i] = load(rows + (j + i) * 64 + k);
                transpose(block);
                for (int i = 0; i < LANES; ++i) store(packed + (k0 + k + i) * PANEL + j, block[i]);
            }
    }
}

} // namespace leanspike::LEANSPIKE_VARIANT
