// pack_int8: signed bytes [outputs, inputs] become what product_int8.hpp reads.
//
// Layout   as it says. Zero beyond either end, so that kernels need no tail and stray spikes meet no weight.
// Fast     it need not be; it runs once a weight matrix.
#include "operations.hpp"
#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void pack_int8(const pack_int8_job &job, int64_t panel, unsigned char *) {
    const leanspike_matrix &m = *job.matrix;
    const int8_t *elements = static_cast<const int8_t *>(m.elements);
    const int64_t inputs = words_of(m.cols) * 64;
    int8_t *packed = job.packed + panel * inputs * PANEL;
    for (int64_t j = 0; j < PANEL; ++j) {
        const int64_t output = panel * PANEL + j;
        for (int64_t k = 0; k < inputs; ++k) {
            const int64_t at = job.weights == LEANSPIKE_WEIGHTS_INT8_BYTES ? k * PANEL + j : (k / 4 * PANEL + j) * 4 + k % 4;
            packed[at] = output < m.rows && k < m.cols ? elements[output * m.cols + k] : int8_t{0};
        }
    }
}

} // namespace leanspike::LEANSPIKE_VARIANT
